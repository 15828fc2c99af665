#include "headgate/load/request_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "headgate/http/fields.hpp"

namespace headgate::load {
namespace {

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

bool is_host(const std::pair<std::string, std::string>& header) {
  return http::equal_ignoring_case(header.first, "host");
}

enum class Part : std::uint8_t { kPath, kField, kBody };

/// The text with its places, and no cell of the data that would break the request apart.
Result<FillText> parse_part(std::string_view text, Part part, const PlaceNames& names) {
  auto parsed = FillText::parse(text, names);
  if (!parsed || part == Part::kBody) return parsed;
  for (const std::size_t column : parsed->columns()) {
    for (std::uint64_t row = 0; row < names.data->rows(); ++row) {
      const std::string_view cell = names.data->cell(row, column);
      if (!has_controls(cell) && (part == Part::kField || !cell.contains(' '))) continue;
      return failed(Errc::kInvalidArgument, "{data." + names.data->columns[column] + "}",
                    "row " + std::to_string(row + 1) +
                        " has a blank or a control character, which a path or field cannot hold");
    }
  }
  return parsed;
}

void append_length(std::string& out, std::size_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

}  // namespace

Result<RequestText> RequestText::make(const RequestSpec& spec, const PlaceNames& names) {
  if (auto checked = check(spec); !checked) return std::unexpected(checked.error());
  RequestText text;
  text.method_ = spec.method;
  text.is_head_ = spec.method == "HEAD";
  std::string head = spec.method + " " + spec.path + " HTTP/1.1\r\n";
  const auto own_host = std::ranges::find_if(spec.headers, is_host);
  const std::string& host = own_host == spec.headers.end() ? spec.host : own_host->second;
  if (own_host == spec.headers.end()) head += "Host: " + host + "\r\n";
  for (const auto& header : spec.headers) {
    head.append(header.first).append(": ").append(header.second).append("\r\n");
  }
  // Each part: the text, where it goes, and what a cell in it must not hold.
  for (const auto& [from, to, part] : {std::tuple{&spec.path, &text.path_, Part::kPath},
                                       {&host, &text.host_, Part::kField},
                                       {&spec.body, &text.body_, Part::kBody},
                                       {&head, &text.head_, Part::kField}}) {
    auto parsed = parse_part(*from, part, names);
    if (!parsed) return std::unexpected(parsed.error());
    *to = *std::move(parsed);
  }
  for (const auto& header : spec.headers) {
    if (is_host(header)) continue;
    auto value = parse_part(header.second, Part::kField, names);
    if (!value) return std::unexpected(value.error());
    text.headers_.push_back({header.first, *std::move(value)});
  }
  text.sends_length_ =
      !spec.body.empty() || spec.method == "POST" || spec.method == "PUT" || spec.method == "PATCH";
  if (!text.head_.varies() && !text.body_.varies()) {
    text.fixed_ = head;
    if (text.sends_length_) append_length(text.fixed_, spec.body.size());
    text.fixed_ += "\r\n" + spec.body;
  }
  return text;
}

std::string_view RequestText::render(const Fill& fill, std::string& scratch) const {
  if (!fixed_.empty()) return fixed_;
  scratch.clear();
  if (!sends_length_) {
    head_.append(fill, scratch);
    return scratch.append("\r\n");
  }
  // The length stands before the body: the body is laid out first, and the head turned before it.
  body_.append(fill, scratch);
  const std::size_t length = scratch.size();
  head_.append(fill, scratch);
  append_length(scratch, length);
  scratch.append("\r\n");
  std::ranges::rotate(scratch, scratch.begin() + static_cast<std::ptrdiff_t>(length));
  return scratch;
}

}  // namespace headgate::load
