// A run of message load in the forms that other programs read: each a text, none of them a file.
#pragma once

#include <string>

#include "headgate/load/messages/summary.hpp"

namespace headgate::load::messages {

/// One row for each second: RFC 4180 with lines that end in CR LF; `scheduled`, `published`, a
/// column `consumed_0` and so on for each group, and `backlog` at the second's end.
[[nodiscard]] std::string csv_text(const Summary& summary);

/// JUnit XML: the validity of the run, whether its accounts held, then each expectation, is a test
/// case; see checks_of().
[[nodiscard]] std::string junit_text(const Summary& summary);

}  // namespace headgate::load::messages
