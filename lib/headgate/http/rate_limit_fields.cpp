#include "headgate/http/rate_limit_fields.hpp"

#include <algorithm>

#include "headgate/http/writer.hpp"

namespace headgate::http {
namespace {

constexpr std::int64_t kStructuredIntegerMax = 999'999'999'999'999;  // RFC 9651 section 3.3.1

std::int64_t structured(std::int64_t value) noexcept {
  return std::clamp<std::int64_t>(value, 0, kStructuredIntegerMax);
}

/// A structured-field string: printable ASCII, with `"` and `\` escaped. What no such string can
/// hold becomes '?', so that a name from a config cannot end the line.
void write_structured(Writer& out, std::string_view text) noexcept {
  out.text("\"");
  for (const char c : text) {
    const bool printable = c >= 0x20 && c < 0x7f;
    if (c == '"' || c == '\\') out.text("\\");
    out.text(printable ? std::string_view{&c, 1} : "?");
  }
  out.text("\"");
}

}  // namespace

std::int64_t ceil_seconds(Duration duration) noexcept {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t ns = std::max<std::int64_t>(duration.count(), 0);
  return ns / kSecond + (ns % kSecond != 0 ? 1 : 0);
}

std::size_t write_rate_limit(const RateLimitStatus& status, std::span<char> out) noexcept {
  Writer writer(out);
  writer.text("RateLimit-Policy: ");
  write_structured(writer, status.policy);
  writer.text(";q=").number(structured(status.quota));
  if (status.window > Duration::zero()) {
    writer.text(";w=").number(structured(ceil_seconds(status.window)));
  }
  writer.text("\r\nRateLimit: ");
  write_structured(writer, status.policy);
  writer.text(";r=").number(structured(status.remaining));
  if (status.reset_after > Duration::zero() && status.reset_after != kNever) {
    writer.text(";t=").number(structured(ceil_seconds(status.reset_after)));
  }
  writer.text("\r\n");
  return writer.fits() ? writer.size() : 0;
}

std::size_t write_retry_after(Duration wait, std::span<char> out) noexcept {
  if (wait == kNever) return 0;
  Writer writer(out);
  writer.text("Retry-After: ").number(std::max<std::int64_t>(ceil_seconds(wait), 1)).text("\r\n");
  return writer.fits() ? writer.size() : 0;
}

}  // namespace headgate::http
