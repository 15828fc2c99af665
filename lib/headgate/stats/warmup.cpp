#include "headgate/stats/warmup.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"

namespace headgate::stats {

Course::Batch& Course::Batch::operator+=(const Batch& other) noexcept {
  sum_ns += other.sum_ns;
  timed += other.timed;
  return *this;
}

void Course::add(std::optional<Duration> response) {
  if (response) last_ += {.sum_ns = response->count(), .timed = 1};
  if (++in_last_ < size_) return;
  batches_.push_back(last_);
  last_ = {};
  in_last_ = 0;
  if (batches_.size() == kBatchesMax) halve();
}

void Course::halve() {
  for (std::size_t i = 0; i < kBatchesMax / 2; ++i) {
    Batch joined = batches_[2 * i];
    joined += batches_[2 * i + 1];
    batches_[i] = joined;
  }
  batches_.resize(kBatchesMax / 2);
  size_ *= 2;
}

void Course::merge(const Course& other) {
  if (other.batches_.empty()) return;
  if (batches_.empty()) {
    *this = other;
    return;
  }
  HG_ASSERT(size_ == other.size_);
  batches_.resize(std::min(batches_.size(), other.batches_.size()));
  for (std::size_t i = 0; i < batches_.size(); ++i) batches_[i] += other.batches_[i];
}

std::vector<double> Course::means_ns() const {
  std::vector<double> means;
  means.reserve(batches_.size());
  for (const Batch& batch : batches_) {
    if (batch.timed > 0) {
      means.push_back(static_cast<double>(batch.sum_ns) / static_cast<double>(batch.timed));
    } else if (!means.empty()) {
      means.push_back(means.back());
    }
  }
  return means;
}

WarmupCut mser(std::span<const double> batch_means) {
  const std::size_t count = batch_means.size();
  const std::size_t kept_min = std::max<std::size_t>(count / 8, 2);
  if (count <= kept_min) return {};
  // From the end towards the start, by Welford's update: each suffix in one step, and no difference
  // of large sums.
  double mean = 0;
  double squares = 0;
  double least = 0;
  std::size_t best = count;  // none yet
  for (std::size_t first = count; first-- > 0;) {
    const auto kept = static_cast<double>(count - first);
    const double off = batch_means[first] - mean;
    mean += off / kept;
    squares += off * (batch_means[first] - mean);
    if (count - first < kept_min) continue;
    const double error = squares / (kept * kept);
    if (best == count || error <= least) {  // of equal ones the shorter cut
      least = error;
      best = first;
    }
  }
  if (2 * best > count) return {.batches = count / 2, .found = false};
  return {.batches = best, .found = true};
}

}  // namespace headgate::stats
