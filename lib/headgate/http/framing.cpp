#include "headgate/http/framing.hpp"

#include <string_view>

#include "headgate/http/char_class.hpp"
#include "headgate/http/fields.hpp"

namespace headgate::http {
namespace {

constexpr std::uint64_t kLengthMax = (std::uint64_t{1} << 63) - 1;

/// Plain decimal digits without a leading zero, which some read as octal.
std::expected<std::uint64_t, Reason> read_length(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text[0] == '0'))
    return std::unexpected(Reason::kClSyntax);
  std::uint64_t length = 0;
  bool large = false;
  for (const char c : text) {
    if (!detail::is_digit(c)) return std::unexpected(Reason::kClSyntax);
    const auto digit = static_cast<std::uint64_t>(c - '0');
    large = large || length > (kLengthMax - digit) / 10;
    if (!large) length = length * 10 + digit;
  }
  if (large) return std::unexpected(Reason::kClLarge);
  return length;
}

/// kNone if `text` is exactly chunked. `gzip, chunked` is sound but not for us (501); everything
/// else is a list that does not end in one chunked, on which parsers disagree.
Reason read_coding(std::string_view text) noexcept {
  if (equal_ignoring_case(text, "chunked")) return Reason::kNone;
  bool chunked_last = false;
  if (text.ends_with(',')) return Reason::kTeNotChunked;  // an empty last element
  while (!text.empty()) {
    const std::string_view coding = next_element(text);
    const bool chunked = equal_ignoring_case(coding, "chunked");
    if (!is_token(coding) || equal_ignoring_case(coding, "identity") || (chunked && chunked_last)) {
      return Reason::kTeNotChunked;
    }
    if (chunked && !text.empty()) return Reason::kTeNotChunked;
    chunked_last = chunked;
  }
  return chunked_last ? Reason::kTeCoding : Reason::kTeNotChunked;
}

/// What the fields alone say; kNone if there is neither of the two.
std::expected<Framing, Reason> framing_of(const Fields& fields, int minor) noexcept {
  if (fields.has(FieldId::kTransferEncoding)) {
    if (fields.has(FieldId::kContentLength)) return std::unexpected(Reason::kClTe);
    if (minor == 0) return std::unexpected(Reason::kTeVersion);
    if (fields.count(FieldId::kTransferEncoding) > 1) return std::unexpected(Reason::kTeMultiple);
    const Reason refused = read_coding(fields.value(FieldId::kTransferEncoding));
    if (refused != Reason::kNone) return std::unexpected(refused);
    return Framing{.kind = Framing::Kind::kChunked};
  }
  if (fields.has(FieldId::kContentLength)) {
    if (fields.count(FieldId::kContentLength) > 1) return std::unexpected(Reason::kClMultiple);
    const std::string_view value = fields.value(FieldId::kContentLength);
    if (value.find(',') != std::string_view::npos) return std::unexpected(Reason::kClMultiple);
    const std::expected<std::uint64_t, Reason> length = read_length(value);
    if (!length) return std::unexpected(length.error());
    return Framing{.kind = Framing::Kind::kLength, .length = *length, .length_given = true};
  }
  return Framing{};
}

}  // namespace

std::expected<Framing, Reason> request_framing(const RequestHead& head) noexcept {
  return framing_of(head.fields, head.minor);
}

std::expected<Framing, Reason> response_framing(const ResponseHead& head, Method asked) noexcept {
  if (head.status == 101) return std::unexpected(Reason::kUpgradeUnasked);
  std::expected<Framing, Reason> framing = framing_of(head.fields, head.minor);
  if (!framing) return framing;
  // RFC 9112 section 6.3, rules 1, 7 and 8. These have no body whatever their fields say.
  if (head.status < 200 || head.status == 204) return Framing{};
  if (asked == Method::kHead || head.status == 304) {
    framing->kind = Framing::Kind::kNone;
  } else if (framing->kind == Framing::Kind::kNone) {
    framing->kind = Framing::Kind::kUntilClose;
  }
  return framing;
}

}  // namespace headgate::http
