#include "headgate/sim/point_result.hpp"

#include <algorithm>
#include <cmath>

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
  response_time.merge(next.response_time);
  queue_time.merge(next.queue_time);
  for (std::size_t i = 0; i < published.size(); ++i) published[i] += next.published[i];
  for (std::size_t i = 0; i < topics.size(); ++i) {
    topics[i].produce_time.merge(next.topics[i].produce_time);
    topics[i].age.merge(next.topics[i].age);
  }
}

PointResult::PointResult(At at, Plan plan)
    : at_(std::move(at)), plan_(std::move(plan)), names_(plan_) {
  sums_.published.resize(plan_.topics.size());
  sums_.topics.resize(plan_.broker.size());
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
    sums_.response_time.merge(outcome.response_time);
    sums_.queue_time.merge(outcome.queue_time);
    for (std::size_t i = 0; i < sums_.topics.size(); ++i) {
      sums_.topics[i].produce_time.merge(outcome.topics[i].produce_time);
      sums_.topics[i].age.merge(outcome.topics[i].age);
    }
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
    for (std::size_t i = first + 1; i < end; ++i) {
      batch.response_time.merge(sections[i].response_time);
      batch.queue_time.merge(sections[i].queue_time);
      for (std::size_t t = 0; t < batch.topics.size(); ++t) {
        batch.topics[t].produce_time.merge(sections[i].topics[t].produce_time);
        batch.topics[t].age.merge(sections[i].topics[t].age);
      }
    }
    sums_.batches.push_back(figures_of(plan_, batch));
  }
}

std::vector<double> PointResult::parts(std::string_view figure) const {
  const std::size_t index = names_.find(figure);
  if (index == FigureNames::kNone) return {};
  const auto& rows = is_sectioned() && quantile_of(figure) ? sums_.batches : sums_.figures;
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
  if (const auto q = quantile_of(figure)) {
    const auto whole = static_cast<double>(timing_of(figure).quantile(*q).count());
    estimate = stats::quantile_interval(whole, values, confidence);
  } else if (is_sectioned()) {
    estimate = stats::section_interval(values, kSectionsPerBatch, confidence);
  } else {
    estimate = stats::mean_interval(values, confidence);
  }
  estimate.low = std::max(estimate.low, 0.0);  // no figure is negative
  return estimate;
}

// Requires: a figure that there is, of a timing.
const stats::Histogram& PointResult::timing_of(std::string_view figure) const noexcept {
  if (figure.starts_with("queue_time.")) return sums_.queue_time;
  for (std::size_t i = 0; i < sums_.topics.size(); ++i) {
    const std::string prefix = "topics." + plan_.broker[i].config.name;
    if (figure.starts_with(prefix + ".age.")) return sums_.topics[i].age;
    if (figure.starts_with(prefix + ".produce_time.")) return sums_.topics[i].produce_time;
  }
  return sums_.response_time;
}

std::optional<double> jobs_for(const PointResult& point, std::string_view figure, double share) {
  const auto estimate = point.estimate(figure);
  if (!estimate || estimate->confidence <= 0 || estimate->value <= 0) return std::nullopt;
  const double ratio = half_width(*estimate) / (estimate->value * share);
  return static_cast<double>(point.totals().scheduled) * ratio * ratio;
}

}  // namespace headgate::sim
