#include "headgate/load/outcome.hpp"

#include <array>

namespace headgate::load {

std::string_view name(Failure failure) noexcept {
  constexpr std::array<std::string_view, kFailures> kNames{
      "connection_refused", "connection_reset", "connection_closed",
      "truncated_response", "bad_response",     "connect_failed"};
  return kNames[static_cast<std::size_t>(failure)];
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
