// Carries out the cases: does the simulator agree with theory?
//
// A case holds if the exact value lies within the 99.9 % interval of the estimate *and* the
// interval is no wider than the case tolerates, so that a wide interval cannot hide an error.
// Replications are added until every interval of the scenario is narrow enough, or the scenario has
// had its share of requests.
//
// Of some hundred right cases one in a thousand would miss at each seed, and choosing the seed that
// suits would be no test. So a scenario with a miss is looked at once more, whole and with fresh
// streams, and the second look alone counts: chance misses twice in a million, an error always.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/theory/cases.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::sim::theory {

/// Of the intervals that must hold the exact values.
inline constexpr double kTheoryConfidence = 0.999;

enum class Holds : std::uint8_t {
  kYes,
  kNo,         ///< the exact value lies outside of the interval
  kTooWide,    ///< the interval holds it, but is too wide to say much
  kNoFigure,   ///< the scenario gives no such figure
  kUnchecked,  ///< the check was interrupted before
};

struct Finding {
  Claim claim;
  stats::Estimate estimate;
  Holds holds = Holds::kUnchecked;
};

/// What came out of one scenario: a finding for each of its claims.
struct SetupFindings {
  Setup setup;
  std::vector<Finding> findings;
  std::uint64_t requests = 0;  ///< that were simulated for it, those of the warm-up included
  std::uint32_t looks = 1;     ///< 2: a case missed at the first, and these are of the second
};

struct CheckOptions {
  unsigned threads = 1;  ///< at least 1; the findings are the same for any number
  std::uint64_t seed = 1;
  std::uint64_t requests_max = 100'000'000;  ///< of one scenario, about
  const std::atomic<bool>* stop = nullptr;   ///< once true the check ends early and cleanly
  /// Called with the number of scenarios that are done, by the thread that called check(); may be
  /// empty.
  std::function<void(std::size_t done)> progress = {};
};

/// The findings, in the order of `setups`. Fails with kInvalidConfig if a scenario cannot be read;
/// `where` is the case.
[[nodiscard]] Result<std::vector<SetupFindings>> check(std::span<const Setup> setups,
                                                       const CheckOptions& options);

[[nodiscard]] bool all_hold(std::span<const SetupFindings> findings) noexcept;

/// A table of all cases and a line that counts them.
[[nodiscard]] std::string findings_text(std::span<const SetupFindings> findings, bool colour);
/// `headgate.theory/1`: everything in the table, the scenarios and the sources.
[[nodiscard]] report::Json findings_json(std::span<const SetupFindings> findings,
                                         std::uint64_t seed);
/// The cases with what they rest on, without carrying anything out.
[[nodiscard]] std::string cases_text(std::span<const Setup> setups);

}  // namespace headgate::sim::theory
