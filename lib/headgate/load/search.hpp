// The highest rate at which a target keeps a promise: `loadgen search`.
//
// Slices of Poisson load at the rates that stats::RateSearch asks for. A promise on a quantile is
// measured by the share of requests that take longer, among all that were due: one that failed, was
// refused or was not even sent has not been answered in time. It is what `sim capacity` asks of a
// scenario, asked of a server.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "headgate/config/load_plan.hpp"
#include "headgate/core/exit_code.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/stats/expectation.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/rate_search.hpp"

namespace headgate::load {

struct SearchOptions {
  config::LoadPlan plan;   ///< its rate, duration and count are replaced; closed loops by Poisson
  stats::Expectation slo;  ///< see bound_of_slo
  Duration time_max = std::chrono::seconds{90};
  double start = 100;  ///< per second
  double most = 1e6;   ///< per second
};

struct SearchSlice {
  stats::RateSlice measured;
  Duration length{};
  bool counted = true;  ///< false: the generator was late, and the slice was measured anew
};

struct Search {
  stats::Estimate highest;  ///< per second; confidence 0 if there is no interval
  std::vector<SearchSlice> slices;
  Duration elapsed{};
  bool holds_always = false;  ///< up to `highest`, and no more could or should be tried
  bool holds_never = false;   ///< not even at the lowest rate that slices can tell
  bool interrupted = false;
  std::vector<std::string> notes;
  std::vector<std::string> causes;  ///< why nothing can be said; empty if something can
};

struct SearchProgress {
  double rate = 0;
  stats::Estimate highest;
  std::size_t slices = 0;
  Duration elapsed{};
};
/// Is told of each slice and every tenth of a second; false ends the search with what is there.
using SearchWatcher = std::function<bool(const SearchProgress&)>;

/// What the promise bounds: for a quantile the share that takes longer. Fails with kInvalidArgument
/// if it is no upper bound on a quantile or mean of response_time or service_time, or on a share.
[[nodiscard]] Result<stats::RateSearchOptions> bound_of_slo(const stats::Expectation& slo);

/// Fails as bound_of_slo and Job::prepare do, and with kUnavailable if nobody can be connected to.
[[nodiscard]] Result<Search> run_search(const SearchOptions& options, const SearchWatcher& watcher);

/// kInvalid with causes, kYes with an answer, kNo if the promise never holds, kInconclusive without
/// an interval.
[[nodiscard]] ExitCode exit_code(const Search& search) noexcept;
[[nodiscard]] std::string search_text(const SearchOptions& options, const Search& search);
/// `headgate.search/1`, without the manifest.
[[nodiscard]] nlohmann::ordered_json search_json(const SearchOptions& options,
                                                 const Search& search);

}  // namespace headgate::load
