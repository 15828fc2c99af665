#include "headgate/sim/point_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/stats/warmup.hpp"

namespace headgate::sim {
namespace {

const std::atomic<bool> kNeverStops{false};

// A replication: whole, or in sections. Empty: it was not begun.
using Sections = std::vector<Outcome>;

// Outcomes are large (two histograms); a batch holds no more of them than this.
constexpr std::size_t kBatchMax = 32;

constexpr std::size_t kPilots = 5;
constexpr std::uint64_t kPilotPart = 10;       // of a replication, at first
constexpr std::uint64_t kPilotJobsMin = 2000;  // less shows no course
constexpr std::uint64_t kWarmupPartMin = 100;

// How many replications `on` needs for the asked precision, judged by those there are: the
// half-width shrinks with the square root of their number. A twentieth more, so that the next
// look seldom misses by a hair.
std::size_t replications_needed(const PointResult& point, const std::vector<std::string>& on,
                                double precision) {
  double factor = 0;
  for (const std::string& figure : on) {
    const auto estimate = point.estimate(figure);
    if (!estimate || estimate->value <= 0) return kReplicationsMax;
    const double ratio = half_width(*estimate) / (estimate->value * precision);
    factor = std::max(factor, ratio);
  }
  const auto now = static_cast<double>(point.replications());
  if (factor <= 1) return point.replications();
  return static_cast<std::size_t>(
      std::min(std::ceil(now * factor * factor * 1.05), static_cast<double>(kReplicationsMax)));
}

bool is_complete(const Sections& sections) {
  return !sections.empty() && !sections.back().interrupted;
}

class PointRunner {
 public:
  PointRunner(PointResult& point, const config::RunConfig& run, const ExperimentOptions& options,
              std::size_t first = 0)
      : point_(point),
        run_(run),
        first_(first),
        options_(options),
        stop_(options.stop == nullptr ? kNeverStops : *options.stop) {}

  bool run_exactly(std::size_t count) { return ready() && grow_to(count); }

  bool run() {
    if (!ready()) return false;
    std::size_t wanted = run_.replications;
    while (point_.replications() < wanted) {
      if (!grow_to(wanted)) return false;
      if (!run_.precision) continue;
      // At most twice as many at a time: the first estimate of the spread may be far off.
      const std::size_t needed = replications_needed(point_, run_.on, run_.precision->of_one);
      wanted = std::min({needed, 2 * point_.replications(), std::size_t{kReplicationsMax}});
    }
    return true;
  }

 private:
  bool ready() { return !point_.plan().horizon.find_warmup || find_warmup(); }

  bool find_warmup() {
    Plan pilot = point_.plan();
    HG_ASSERT(pilot.horizon.jobs.has_value());  // find_warmup is only asked of such
    const std::uint64_t jobs = *pilot.horizon.jobs;
    pilot.horizon.warmup_jobs = 0;
    pilot.horizon.course = true;
    std::uint64_t length = std::min(jobs, std::max(jobs / kPilotPart, kPilotJobsMin));
    for (;;) {
      pilot.horizon.jobs = length;
      const auto course = course_of(pilot);
      if (!course) return false;
      Warmup warmup{.batch_size = course->batch_size(), .means_ns = course->means_ns()};
      const stats::WarmupCut cut = stats::mser(warmup.means_ns);
      if (cut.found || length >= jobs) {
        warmup.found = cut.found;
        warmup.requests = std::max(cut.batches * warmup.batch_size, jobs / kWarmupPartMin);
        point_.set_warmup(std::move(warmup));
        return true;
      }
      length = std::min(jobs, 2 * length);
    }
  }

  // The averaged course of the pilots; nothing if they were interrupted.
  std::optional<stats::Course> course_of(const Plan& pilot) {
    const std::uint64_t seed = hash64("warmup", run_.seed);
    const auto outcomes = batch(pilot, seed, 0, kPilots, 1);
    stats::Course course;
    for (const Sections& outcome : outcomes) {
      if (!is_complete(outcome)) return std::nullopt;
      const std::optional<stats::Course>& one = outcome.front().course;
      HG_ASSERT(one.has_value());
      course.merge(*one);
    }
    return course;
  }

  // Replications first..first+count-1 of `plan`, in order.
  std::vector<Sections> batch(const Plan& plan, std::uint64_t seed, std::size_t first,
                              std::size_t count, std::uint32_t sections) const {
    std::vector<Sections> outcomes(count);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < count && !stop_.load(); i = next++) {
        outcomes[i] = replicate_sections(plan, replication_seed(seed, first + i), stop_, sections);
      }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::size_t>(options_.threads, count); ++i) {
      others.emplace_back(work);
    }
    work();
    others.clear();  // joins
    return outcomes;
  }

  bool grow_to(std::size_t wanted) {
    while (point_.replications() < wanted) {
      const std::size_t made = point_.replications();
      const std::size_t count = std::min(wanted - made, kBatchMax);
      const std::uint32_t sections = run_.replications == 1 ? kSections : 1;
      if (!add(batch(point_.plan(), run_.seed, first_ + made, count, sections))) return false;
      if (options_.progress) options_.progress(progress(wanted));
    }
    return true;
  }

  // Replications that were cut short count only where nothing else is there to show.
  bool add(const std::vector<Sections>& outcomes) {
    for (const Sections& outcome : outcomes) {
      if (is_complete(outcome)) point_.add(outcome);
    }
    if (point_.replications() == 0) {
      for (const Sections& outcome : outcomes) {
        if (!outcome.empty() && outcome.front().totals.scheduled > 0) point_.add(outcome);
      }
    }
    return std::ranges::all_of(outcomes, is_complete);
  }

  Progress progress(std::size_t wanted) const {
    std::string text;
    for (const auto& [name, value] : point_.at()) text += fmt::format("{}={} ", name, value);
    const std::size_t made = point_.replications();
    return {.text = fmt::format("{}{} of {} replications", text, made, wanted),
            .share = static_cast<double>(made) / static_cast<double>(wanted)};
  }

  PointResult& point_;
  const config::RunConfig& run_;
  const std::size_t first_;  // number of the first replication
  const ExperimentOptions& options_;
  const std::atomic<bool>& stop_;
};

}  // namespace

bool run_point(PointResult& point, const config::RunConfig& run, const ExperimentOptions& options) {
  return PointRunner{point, run, options}.run();
}

bool run_part(PointResult& point, const config::RunConfig& run, const ReplicationRange& range,
              const ExperimentOptions& options) {
  HG_ASSERT(!run.precision && range.first + range.count <= run.replications);
  return PointRunner{point, run, options, range.first}.run_exactly(range.count);
}

}  // namespace headgate::sim
