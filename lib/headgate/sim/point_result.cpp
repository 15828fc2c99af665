#include "headgate/sim/point_result.hpp"

#include <algorithm>
#include <cmath>

namespace headgate::sim {

PointResult::PointResult(At at, Plan plan)
    : at_(std::move(at)),
      plan_(std::move(plan)),
      names_(plan_),
      published_(plan_.topics.size()),
      topics_(plan_.broker.size()) {}

void PointResult::set_warmup(Warmup warmup) {
  plan_.horizon.warmup_jobs = warmup.requests;
  warmup_ = std::move(warmup);
}

void PointResult::add(std::span<const Outcome> sections) {
  ++replications_;
  for (const Outcome& outcome : sections) {
    figures_.push_back(figures_of(plan_, outcome));
    totals_ += outcome.totals;
    warmup_requests_ += outcome.warmup_requests;
    response_time_.merge(outcome.response_time);
    queue_time_.merge(outcome.queue_time);
    for (std::size_t i = 0; i < topics_.size(); ++i) {
      topics_[i].produce_time.merge(outcome.topics[i].produce_time);
      topics_[i].age.merge(outcome.topics[i].age);
    }
  }
  const std::vector<std::uint64_t>& published = sections.back().published;
  for (std::size_t i = 0; i < published_.size(); ++i) published_[i] += published[i];
}

std::optional<stats::Estimate> PointResult::estimate(std::string_view figure,
                                                     double confidence) const {
  const std::size_t index = names_.find(figure);
  if (index == FigureNames::kNone) return std::nullopt;
  std::vector<double> values;
  for (const std::vector<double>& replication : figures_) {
    if (!std::isnan(replication[index])) values.push_back(replication[index]);
  }
  if (values.empty()) return std::nullopt;
  if (figure.ends_with(".max")) return stats::single_value(std::ranges::max(values));
  stats::Estimate estimate = is_sectioned()
                                 ? stats::section_interval(values, kSectionsPerBatch, confidence)
                                 : stats::mean_interval(values, confidence);
  if (const auto q = quantile_of(figure)) {
    const double moved =
        static_cast<double>(timing_of(figure).quantile(*q).count()) - estimate.value;
    estimate.value += moved;
    estimate.low += moved;
    estimate.high += moved;
  }
  estimate.low = std::max(estimate.low, 0.0);  // no figure is negative
  return estimate;
}

// Requires: a figure that there is, of a timing.
const stats::Histogram& PointResult::timing_of(std::string_view figure) const noexcept {
  if (figure.starts_with("queue_time.")) return queue_time_;
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    const std::string prefix = "topics." + plan_.broker[i].config.name;
    if (figure.starts_with(prefix + ".age.")) return topics_[i].age;
    if (figure.starts_with(prefix + ".produce_time.")) return topics_[i].produce_time;
  }
  return response_time_;
}

std::optional<double> jobs_for(const PointResult& point, std::string_view figure, double share) {
  const auto estimate = point.estimate(figure);
  if (!estimate || estimate->confidence <= 0 || estimate->value <= 0) return std::nullopt;
  const double ratio = half_width(*estimate) / (estimate->value * share);
  return static_cast<double>(point.totals().scheduled) * ratio * ratio;
}

}  // namespace headgate::sim
