#include "headgate/http/problem.hpp"

#include "headgate/core/writer.hpp"
#include "headgate/http/status.hpp"

namespace headgate::http {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

constexpr bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

/// The length of the well-formed UTF-8 sequence at the start of `text` (Unicode table 3-7); 0 if
/// there is none. Requires: not empty.
std::size_t sequence_size(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second >= 0xa0;
  const bool beyond = first == 0xf4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : size;
}

void write_escaped(Writer& out, char c) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.text("\\u00").text(kDigits.substr(byte >> 4U, 1)).text(kDigits.substr(byte & 15U, 1));
}

void write_string(Writer& out, std::string_view text) noexcept {
  out.text("\"");
  while (!text.empty() && out.fits()) {
    const std::size_t size = sequence_size(text);
    const char c = text[0];
    if (size == 0) {
      out.text(kReplacement);
    } else if (c == '"' || c == '\\') {
      out.text("\\").text(text.substr(0, 1));
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      write_escaped(out, c);
    } else {
      out.text(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out.text("\"");
}

}  // namespace

Problem problem_of(Reason reason) noexcept {
  return {.status = status_of(reason), .type = type_of(reason), .detail = describe(reason)};
}

std::size_t write_problem(const Problem& problem, std::span<char> out) noexcept {
  Writer writer(out);
  writer.text("{\"type\":");
  write_string(writer, problem.type.empty() ? "about:blank" : problem.type);
  writer.text(",\"title\":");
  write_string(writer, problem.title.empty() ? reason_phrase(problem.status) : problem.title);
  writer.text(",\"status\":").number(problem.status);
  if (!problem.detail.empty()) {
    writer.text(",\"detail\":");
    write_string(writer, problem.detail);
  }
  std::string_view before = ",\"violated-policies\":[";
  for (const std::string_view name : problem.violated) {
    writer.text(before);
    write_string(writer, name);
    before = ",";
  }
  if (!problem.violated.empty()) writer.text("]");
  writer.text("}");
  return writer.fits() ? writer.size() : 0;
}

}  // namespace headgate::http
