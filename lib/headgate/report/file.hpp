// Whole files: a reader finds the old text or the new one, never a half.
#pragma once

#include <string>
#include <string_view>

#include "headgate/core/result.hpp"

namespace headgate::report {

/// Replaces `path` with `text`: written beside it, synced, then renamed over it. A path that is no
/// regular file (/dev/stdout, a pipe) is written to directly. Fails with kNoSpace when the disk or
/// a quota is full and with kIo otherwise; `where` is the path, nothing is left behind.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text);

/// The whole file. Fails with kIo; `where` is the path.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

}  // namespace headgate::report
