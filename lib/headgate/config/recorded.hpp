// Values whose measurements stand in a file of their own, beside the document that names it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "headgate/config/form.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {

/// The text of the file that `node` names, relative to the folder of the document; nothing after
/// reporting why not. Such files can be far larger than documents: 512 MiB.
[[nodiscard]] std::optional<std::string> recorded_text(const Node& node, Reading& reading);
/// The text of such a file. Fails with kIo or kInvalidArgument; `where` is its name.
[[nodiscard]] Result<std::string> recorded_file_text(const std::string& file);
/// That the text of that file is wrong, and where.
void report_recorded(const Node& node, Reading& reading, const Error& error);

/// What `read` makes of the text of `file`, as the command line names it; `where` of an error
/// begins with its name.
template <class T>
[[nodiscard]] Result<T> recorded_file(const std::string& file,
                                      Result<T> (*read)(std::string_view)) {
  const auto content = recorded_file_text(file);
  if (!content) return std::unexpected(content.error());
  auto made = read(*content);
  if (!made) made.error().where = file + ": " + made.error().where;
  return made;
}

/// What `read` (text to Result<T>) makes of the text of a file.
template <class T>
[[nodiscard]] Form<T> recorded(std::function<Result<T>(std::string_view)> read) {
  return {[read = std::move(read)](const Node& node, Reading& reading) -> std::optional<T> {
            const auto content = recorded_text(node, reading);
            if (!content) return std::nullopt;
            Result<T> made = read(*content);
            if (made) return std::move(*made);
            report_recorded(node, reading, made.error());
            return std::nullopt;
          },
          text().schema};
}

}  // namespace headgate::config
