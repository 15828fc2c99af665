#include "headgate/load/outcome.hpp"

#include <fmt/format.h>
#include <string.h>

#include <array>
#include <charconv>

namespace headgate::load {
namespace {

constexpr std::array<std::string_view, kFailures> kFailureNames{
    "connection_refused", "connection_reset", "connection_closed",
    "truncated_response", "bad_response",     "connect_failed",
    "tls_failed",         "stream_reset",     "goaway",
    "bad_handshake",      "bad_echo",         "pipeline_broken",
    "saturated",          "check_status",     "check_header",
    "check_body",         "check_json",       "check_schema",
    "capture_failed"};
constexpr std::string_view kUnnamed = "errno ";
constexpr int kErrnoMax = 4095;  // what the kernel may return

}  // namespace

std::string_view name(Failure failure) noexcept {
  return kFailureNames[static_cast<std::size_t>(failure)];
}

std::optional<Failure> failure_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (kFailureNames[i] == name) return static_cast<Failure>(i);
  }
  return std::nullopt;
}

std::string errno_name(int error) {
  const char* const known = strerrorname_np(error);
  return known != nullptr ? std::string{known} : fmt::format("{}{}", kUnnamed, error);
}

std::optional<int> errno_of(std::string_view name) noexcept {
  if (name.starts_with(kUnnamed)) {
    int error = 0;
    const std::string_view digits = name.substr(kUnnamed.size());
    const auto* const end = digits.end();
    const auto read = std::from_chars(digits.begin(), end, error);
    if (read.ec != std::errc{} || read.ptr != end || error <= 0) return std::nullopt;
    return error;
  }
  for (int error = 1; error <= kErrnoMax; ++error) {
    const char* const known = strerrorname_np(error);
    if (known != nullptr && name == known) return error;
  }
  return std::nullopt;
}

void count(stats::Totals& totals, Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kOk:
      ++totals.ok;
      break;
    case Outcome::kRefused:
      ++totals.refused;
      break;
    case Outcome::kFailed:
      ++totals.failed;
      break;
    case Outcome::kTimedOut:
      ++totals.timed_out;
      break;
    case Outcome::kInFlight:
      ++totals.in_flight;
      break;
    case Outcome::kNotSent:
      ++totals.not_sent;
      break;
  }
}

}  // namespace headgate::load
