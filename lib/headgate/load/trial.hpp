// A candidate against a baseline, live and in turn: `loadgen ab`.
//
// Machines change by the minute, two servers side by side change together. So time is cut into
// blocks of four slices, baseline and candidate as ABBA or BAAB by a fair coin: what drifts evenly
// cancels within a block, and what does not hits both alike, since the coin does not know it. A
// block is one pair: the two slices of a side are counted as one measurement, and both members of a
// pair send at the very same intended times. A block in which the generator itself was late is
// thrown away whole and measured anew; who threw it away is blind to which side it speaks for.
//
// In a duet both sides run at the same instant, each with half of the load. A Poisson stream whose
// arrivals go to A or B by a fair coin is two independent Poisson streams of half the rate, which
// is how it is driven. Source: L. Bulej et al., "Duet benchmarking", ICPE 2020.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/load_plan.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/load/gate_report.hpp"
#include "headgate/load/run.hpp"

namespace headgate::load {

struct TrialOptions {
  config::LoadPlan plan;  ///< its targets, duration and count are replaced
  config::LoadTarget a;   ///< the baseline
  config::LoadTarget b;   ///< the candidate
  GateQuestion question;
  bool duet = false;
  Duration slice = std::chrono::seconds{1};
  Duration warmup = std::chrono::seconds{2};  ///< of each side, before anything counts
  Duration time_max = std::chrono::minutes{3};
  std::optional<std::uint64_t> slices_max;  ///< of both sides; nothing: what the time allows
};

/// Blocks of four slices, or in a duet pairs of two, that fit into the time and the number of
/// slices.
[[nodiscard]] std::size_t pairs_planned(const TrialOptions& options) noexcept;

/// One slice as it was measured.
struct Slice {
  std::size_t block = 0;
  char side = 'A';
  std::uint64_t seed = 0;
  Duration at{};  ///< since the trial began
  stats::Totals totals;
  stats::GateFigures figures;       ///< by metric
  std::vector<std::string> causes;  ///< why it is not valid, taken alone; empty: it is
  bool counted = true;              ///< false: its block was thrown away
};

struct Trial {
  std::vector<Slice> slices;  ///< all, in order, those of blocks that were thrown away too
  std::vector<stats::GateFinding> findings;
  std::size_t pairs = 0;
  std::size_t planned = 0;
  std::size_t thrown_away = 0;  ///< blocks
  std::vector<std::string> causes;
  bool interrupted = false;
};

/// Where a trial stands, for a line of progress.
struct TrialProgress {
  std::size_t pairs = 0;
  std::size_t planned = 0;
  std::size_t thrown_away = 0;
  Duration elapsed{};
};

/// Is told after each slice and every tenth of a second; false ends the trial with what is there.
using TrialWatcher = std::function<bool(const TrialProgress&)>;

/// Measures until the gate is sure, the time or the slices are used up, or too many blocks (as many
/// as were planned, at least five) were thrown away, which is a cause. Fails with kUnavailable if a
/// side cannot be connected to and with kInvalidArgument for a request that cannot be sent.
[[nodiscard]] Result<Trial> run_trial(const TrialOptions& options, const TrialWatcher& watcher);

/// The report of a trial between what `a` and `b` are called.
[[nodiscard]] GateReport report_of(const TrialOptions& options, const Trial& trial, std::string a,
                                   std::string b);
/// The members of a `headgate.ab/1` document that `gate_json` does not have: how it was driven, and
/// all slices.
[[nodiscard]] nlohmann::ordered_json trial_json(const TrialOptions& options, const Trial& trial);

}  // namespace headgate::load
