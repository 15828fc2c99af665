#include "headgate/load/outcome.hpp"

#include <numeric>

namespace headgate::load {

std::string_view name(Outcome outcome) noexcept {
  constexpr std::array<std::string_view, kOutcomes> kNames{"ok",        "refused",   "failed",
                                                           "timed_out", "in_flight", "not_sent"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view name(Failure failure) noexcept {
  constexpr std::array<std::string_view, kFailures> kNames{
      "connection_refused", "connection_reset", "connection_closed", "truncated_response",
      "bad_response",       "connect_failed",   "write_failed"};
  return kNames[static_cast<std::size_t>(failure)];
}

std::uint64_t Totals::settled() const noexcept {
  return std::accumulate(by_outcome.begin(), by_outcome.end(), std::uint64_t{0});
}

Totals& Totals::operator+=(const Totals& other) noexcept {
  scheduled += other.scheduled;
  for (std::size_t i = 0; i < kOutcomes; ++i) by_outcome[i] += other.by_outcome[i];
  return *this;
}

}  // namespace headgate::load
