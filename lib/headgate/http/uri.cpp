#include "headgate/http/uri.hpp"

#include "headgate/core/check.hpp"
#include "headgate/http/char_class.hpp"
#include "headgate/http/fields.hpp"

namespace headgate::http {
namespace {

constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

/// Whether the path certainly has nothing to change: no escape, no empty segment, and no segment
/// that starts with a dot (`/.well-known` takes the slow path and comes out as it was).
bool plainly_canonical(std::string_view path) noexcept {
  char before = ' ';
  for (const char c : path) {
    if (c == '%' || (before == '/' && (c == '/' || c == '.'))) return false;
    before = c;
  }
  return true;
}

/// Bytes whose encoded form some later reader would take for structure.
bool is_hidden_delimiter(unsigned byte) noexcept {
  return byte < 0x20 || byte == 0x7f ||
         std::string_view{"/\\;%?#"}.find(static_cast<char>(byte)) != std::string_view::npos;
}

/// Appends what `%XY` at `raw[at]` becomes and moves `at` to its last digit.
Reason decode(std::string_view raw, std::size_t& at, std::span<char> out,
              std::size_t& end) noexcept {
  if (raw.size() - at < 3) return Reason::kPathPercent;
  const int high = detail::hex_value(raw[at + 1]);
  const int low = detail::hex_value(raw[at + 2]);
  if (high < 0 || low < 0) return Reason::kPathPercent;
  const auto byte = static_cast<unsigned>(high * 16 + low);
  if (is_hidden_delimiter(byte)) return Reason::kPathDelimiter;
  if (detail::is(static_cast<char>(byte), detail::kUnreserved)) {
    out[end++] = static_cast<char>(byte);
  } else {
    out[end++] = '%';
    out[end++] = kUpperDigits[byte >> 4];
    out[end++] = kUpperDigits[byte & 15];
  }
  at += 2;
  return Reason::kNone;
}

/// The rewriter of a path, segment by segment. `out` never overtakes the reading position, so it
/// may be the very bytes that are read.
class PathWriter {
 public:
  explicit PathWriter(std::span<char> out) noexcept : out_(out) {}

  /// Takes the segment that starts at raw[at], moves `at` behind it.
  Reason segment(std::string_view raw, std::size_t& at) noexcept {
    std::size_t end = size_;
    out_[end++] = '/';
    for (; at < raw.size() && raw[at] != '/'; ++at) {
      if (raw[at] != '%') {
        out_[end++] = raw[at];
      } else if (const Reason refused = decode(raw, at, out_, end); refused != Reason::kNone) {
        return refused;
      }
    }
    const std::string_view text{out_.data() + size_ + 1, end - size_ - 1};
    if (text == "..") return climb();
    // Java servers drop `;…` from a segment before they look for dots: `/..;/admin`.
    if (text.starts_with(".;") || text.starts_with("..;")) return Reason::kPathDelimiter;
    if (text != ".") size_ = end;
    ends_in_dots_ = text == ".";
    return Reason::kNone;
  }

  std::string_view finish(bool slash) noexcept {
    if (slash || ends_in_dots_ || size_ == 0) out_[size_++] = '/';
    return {out_.data(), size_};
  }

 private:
  Reason climb() noexcept {
    if (size_ == 0) return Reason::kPathAboveRoot;
    while (out_[--size_] != '/') {
    }
    ends_in_dots_ = true;
    return Reason::kNone;
  }

  std::span<char> out_;
  std::size_t size_ = 0;       // whole segments, each with its '/' before it
  bool ends_in_dots_ = false;  // the last segment was `.` or `..`: what remains is a folder
};

}  // namespace

std::expected<Target, Reason> split_target(std::string_view target) noexcept {
  Target parts;
  if (target == "*") return Target{.path = target, .query = {}, .authority = {}};
  if (target.empty()) return std::unexpected(Reason::kPathForm);
  if (target[0] != '/') {
    const std::size_t scheme_end = target.find("://");
    const std::string_view scheme = target.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos ||
        (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https"))) {
      return std::unexpected(Reason::kPathForm);
    }
    target.remove_prefix(scheme_end + 3);
    const std::size_t authority_end = target.find_first_of("/?");
    parts.authority = target.substr(0, authority_end);
    if (parts.authority.empty()) return std::unexpected(Reason::kPathForm);
    target.remove_prefix(parts.authority.size());
  }
  const std::size_t query = target.find('?');
  parts.path = target.substr(0, query);
  if (query != std::string_view::npos) parts.query = target.substr(query);
  return parts;
}

std::expected<std::string_view, Reason> canonical_path(std::string_view raw,
                                                       std::span<char> out) noexcept {
  HG_ASSERT(out.size() >= raw.size());
  if (raw.empty()) return "/";
  if (raw[0] != '/') return std::unexpected(Reason::kPathForm);
  if (plainly_canonical(raw)) return raw;
  PathWriter writer(out);
  const bool slash = raw.back() == '/';  // read before it may be overwritten
  std::size_t at = 0;
  while (at < raw.size()) {
    if (raw[at] == '/') {
      ++at;
    } else if (const Reason refused = writer.segment(raw, at); refused != Reason::kNone) {
      return std::unexpected(refused);
    }
  }
  return writer.finish(slash);
}

}  // namespace headgate::http
