#include "headgate/config/request_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "headgate/config/value.hpp"
#include "headgate/http/method.hpp"

namespace headgate::config {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.contains(c);
  });
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// Why the field cannot be sent, or nothing.
std::string field_fault(const std::string& field, const std::string& value) {
  constexpr std::array<std::string_view, 4> kFraming{"content-length", "transfer-encoding",
                                                     "connection", "te"};
  if (!is_token(field)) return fmt::format("'{}' is no name of a header field", field);
  const bool frames = std::ranges::any_of(
      kFraming, [&](std::string_view name) { return equals_ignoring_case(name, field); });
  if (frames) return fmt::format("'{}' is written by the client itself", field);
  const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
  if (std::ranges::any_of(value, is_control)) {
    return fmt::format("the value of '{}' has a control character", field);
  }
  return {};
}

}  // namespace

Form<std::uint32_t> small(std::int64_t min, std::int64_t max) {
  return checked(whole(min, max), [](std::int64_t value) {
    return Result<std::uint32_t>{static_cast<std::uint32_t>(value)};
  });
}

Form<std::string> method() {
  std::vector<std::string> names;
  for (auto each = http::Method::kGet; each <= http::Method::kOptions;
       each = static_cast<http::Method>(static_cast<int>(each) + 1)) {
    names.emplace_back(http::to_text(each));
  }
  return word(std::move(names));
}

Form<std::string> request_path() {
  auto form = checked(any_text(), [](std::string&& written) -> Result<std::string> {
    const auto is_inside = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
    if (written.starts_with('/') && std::ranges::all_of(written, is_inside)) {
      return std::move(written);
    }
    return failed(Errc::kInvalidArgument, {},
                  fmt::format("'{}' must start with '/' and have no blank and no '#'", written));
  });
  form.schema = R"({"type":"string","pattern":"^/[^ #]*$"})";
  return form;
}

Form<Headers> headers() {
  return checked(map_of(text()), [](Headers&& written) -> Result<Headers> {
    for (const auto& [field, value] : written) {
      if (auto fault = field_fault(field, value); !fault.empty()) {
        return failed(Errc::kInvalidArgument, field, std::move(fault));
      }
    }
    return std::move(written);
  });
}

}  // namespace headgate::config
