#include "headgate/sim/point_result.hpp"

#include <algorithm>
#include <cmath>

#include "headgate/core/check.hpp"
#include "headgate/sim/timings.hpp"

namespace headgate::sim {
namespace {

std::vector<double> without_missing(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  return values;
}

}  // namespace

void PointSums::join(const PointSums& next) {
  figures.insert(figures.end(), next.figures.begin(), next.figures.end());
  batches.insert(batches.end(), next.batches.begin(), next.batches.end());
  replications += next.replications;
  totals += next.totals;
  warmup_requests += next.warmup_requests;
  for (std::size_t i = 0; i < timings.size(); ++i) timings[i].merge(next.timings[i]);
  for (std::size_t i = 0; i < published.size(); ++i) published[i] += next.published[i];
}

PointResult::PointResult(At at, Plan plan)
    : at_(std::move(at)),
      plan_(std::move(plan)),
      names_(plan_),
      timing_names_(timing_names(plan_)) {
  sums_.published.resize(plan_.topics.size());
  sums_.timings.resize(timing_names_.size());
}

void PointResult::set_warmup(Warmup warmup) {
  plan_.horizon.warmup_jobs = warmup.requests;
  warmup_ = std::move(warmup);
}

void PointResult::add(std::span<const Outcome> sections) {
  ++sums_.replications;
  for (const Outcome& outcome : sections) {
    sums_.figures.push_back(figures_of(plan_, outcome));
    sums_.totals += outcome.totals;
    sums_.warmup_requests += outcome.warmup_requests;
    const auto timings = timings_of(outcome);
    for (std::size_t i = 0; i < timings.size(); ++i) sums_.timings[i].merge(*timings[i]);
  }
  if (sections.size() > 1) add_batches(sections);
  const std::vector<std::uint64_t>& published = sections.back().published;
  for (std::size_t i = 0; i < published.size(); ++i) sums_.published[i] += published[i];
}

// A quantile needs longer parts than a mean: of few and dependent requests it is biased.
void PointResult::add_batches(std::span<const Outcome> sections) {
  for (std::size_t first = 0; first < sections.size(); first += kSectionsPerBatch) {
    Outcome batch = sections[first];  // but its histograms, no figure of it is asked for
    const std::size_t end = std::min(first + kSectionsPerBatch, sections.size());
    for (std::size_t i = first + 1; i < end; ++i) merge_timings(batch, sections[i]);
    sums_.batches.push_back(figures_of(plan_, batch));
  }
}

std::vector<double> PointResult::parts(std::string_view figure) const {
  const std::size_t index = names_.find(figure);
  if (index == FigureNames::kNone) return {};
  const auto& rows = is_sectioned() && is_pooled(figure) ? sums_.batches : sums_.figures;
  std::vector<double> values;
  values.reserve(rows.size());
  for (const std::vector<double>& row : rows) values.push_back(row[index]);
  return values;
}

std::optional<stats::Estimate> PointResult::estimate(std::string_view figure,
                                                     double confidence) const {
  const std::vector<double> values = without_missing(parts(figure));
  if (values.empty()) return std::nullopt;
  if (figure.ends_with(".max")) return stats::single_value(std::ranges::max(values));
  stats::Estimate estimate;
  const stats::Histogram* timing = pooled(figure);
  if (const auto q = quantile_of(figure); q && timing != nullptr) {
    const auto whole = static_cast<double>(timing->quantile(*q).count());
    estimate = stats::quantile_interval(whole, values, confidence);
  } else if (is_sectioned()) {
    estimate = stats::section_interval(values, kSectionsPerBatch, confidence);
  } else {
    estimate = stats::mean_interval(values, confidence);
  }
  estimate.low = std::max(estimate.low, 0.0);  // no figure is negative
  return estimate;
}

const stats::Histogram* PointResult::pooled(std::string_view figure) const noexcept {
  if (!quantile_of(figure)) return nullptr;
  const std::string_view name = figure.substr(0, figure.rfind('.'));
  const auto found = std::ranges::find(timing_names_, name);
  if (found == timing_names_.end()) return nullptr;
  return &sums_.timings[static_cast<std::size_t>(found - timing_names_.begin())];
}

const stats::Histogram& PointResult::timing(std::string_view name) const {
  const auto found = std::ranges::find(timing_names_, name);
  HG_ASSERT(found != timing_names_.end());
  return sums_.timings[static_cast<std::size_t>(found - timing_names_.begin())];
}

std::optional<double> jobs_for(const PointResult& point, std::string_view figure, double share) {
  const auto estimate = point.estimate(figure);
  if (!estimate || estimate->confidence <= 0 || estimate->value <= 0) return std::nullopt;
  const double ratio = half_width(*estimate) / (estimate->value * share);
  return static_cast<double>(point.totals().scheduled) * ratio * ratio;
}

}  // namespace headgate::sim
