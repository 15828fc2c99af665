// Text forms that an event's JSON is made of: UTF-8, base64, and JSON texts kept as their author
// wrote them. A payload that passes through is never parsed into numbers and printed again: 1e400
// and 0.10 stay what they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::bus {

/// Well-formed UTF-8 (no surrogates, no overlong forms). Source: Unicode 15, table 3-7.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// Whether a CloudEvents String attribute may hold `text`: UTF-8 without the control characters
/// U+0000-U+001F and U+007F-U+009F. Source: CloudEvents 1.0.2, section "Type system".
[[nodiscard]] bool is_attribute_text(std::string_view text) noexcept;

/// RFC 4648 section 4, padded.
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Nothing if `text` is not exactly that: wrong length, letters, padding or trailing bits.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// `json` without the blanks between its tokens. Requires: a valid JSON text.
[[nodiscard]] std::string compact_json(std::string_view json);

/// The value of the first member `name` of the JSON object `json`, as it is written there; no
/// data() if there is none. Requires: a valid JSON text whose top is an object.
[[nodiscard]] std::string_view json_member(std::string_view json, std::string_view name);

}  // namespace headgate::bus
