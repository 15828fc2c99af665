#include "headgate/load/request_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "headgate/http/fields.hpp"

namespace headgate::load {
namespace {

constexpr std::string_view kPlace = "{sequence}";

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; });
}

Result<void> check(const RequestSpec& spec) {
  if (!http::is_token(spec.method))
    return failed(Errc::kInvalidArgument, spec.method, "is no HTTP method");
  if (!spec.path.starts_with('/') || has_controls(spec.path) || spec.path.contains(' ')) {
    return failed(Errc::kInvalidArgument, spec.path,
                  "a path starts with '/' and has no blanks or control characters");
  }
  for (const auto& [name, value] : spec.headers) {
    if (!http::is_token(name)) return failed(Errc::kInvalidArgument, name, "is no header name");
    if (has_controls(value)) {
      return failed(Errc::kInvalidArgument, name, "a header value has no control characters");
    }
    if (http::equal_ignoring_case(name, "content-length") ||
        http::equal_ignoring_case(name, "transfer-encoding")) {
      return failed(Errc::kInvalidArgument, name, "is set by the tool, from the body");
    }
  }
  return {};
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

/// Appends `text` with the number in every place for it.
void append_filled(std::string& out, std::string_view text, std::uint64_t sequence) {
  for (std::size_t at = 0; (at = text.find(kPlace)) != std::string_view::npos;) {
    out.append(text.substr(0, at));
    append_number(out, sequence);
    text.remove_prefix(at + kPlace.size());
  }
  out.append(text);
}

void append_length(std::string& out, std::size_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

}  // namespace

Result<RequestText> RequestText::make(const RequestSpec& spec) {
  if (auto checked = check(spec); !checked) return std::unexpected(checked.error());
  RequestText text;
  text.head_ = spec.method + " " + spec.path + " HTTP/1.1\r\n";
  const auto is_host = [](const auto& header) {
    return http::equal_ignoring_case(header.first, "host");
  };
  if (std::ranges::none_of(spec.headers, is_host)) text.head_ += "Host: " + spec.host + "\r\n";
  for (const auto& [name, value] : spec.headers) {
    text.head_.append(name).append(": ").append(value).append("\r\n");
  }
  text.body_ = spec.body;
  text.is_head_ = spec.method == "HEAD";
  // RFC 9110 section 8.6: methods whose content has a meaning say its length even if it is 0.
  text.sends_length_ =
      !spec.body.empty() || spec.method == "POST" || spec.method == "PUT" || spec.method == "PATCH";
  text.varies_ = text.head_.contains(kPlace) || text.body_.contains(kPlace);
  if (!text.varies_) {
    if (text.sends_length_) append_length(text.head_, text.body_.size());
    text.head_ += "\r\n" + text.body_;
  }
  return text;
}

std::string_view RequestText::render(std::uint64_t sequence, std::string& scratch) const {
  if (!varies_) return head_;
  scratch.clear();
  append_filled(scratch, head_, sequence);
  if (!sends_length_) return scratch.append("\r\n");
  // The length stands before the body and depends on the digits in it.
  const std::size_t places = [this] {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = body_.find(kPlace, at)) != std::string::npos; ++at) ++count;
    return count;
  }();
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), sequence);
  const auto width = static_cast<std::size_t>(end.ptr - digits.data());
  append_length(scratch, body_.size() - places * kPlace.size() + places * width);
  scratch.append("\r\n");
  append_filled(scratch, body_, sequence);
  return scratch;
}

}  // namespace headgate::load
