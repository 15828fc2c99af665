// A page as a browser sees it.
#pragma once

#include "support/process.hpp"

namespace headgate::test {

/// The document after its scripts have run, on `out`; what they complained of, in lines with
/// `CONSOLE`, on `err`.
[[nodiscard]] Ended browse(const TempDir& directory, const std::string& page);

}  // namespace headgate::test
