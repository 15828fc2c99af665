#include "headgate/balance/weighted_random.hpp"

namespace headgate::balance {

void WeightedRandom::rebuild(std::span<const TargetInfo> infos) {
  weights_.clear();
  height_ = 0;
  for (const TargetInfo& info : infos) {
    weights_.push_back(info.weight);
    height_ += info.weight;
  }
  columns_.assign(infos.size(), {});
  // Who has less than a column and who has more; a poor one's column is filled up by a rich one,
  // who is poorer then.
  std::vector<std::size_t> poor;
  std::vector<std::size_t> rich;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    columns_[i] = {.own = weights_[i] * infos.size(), .other = i};
    (columns_[i].own < height_ ? poor : rich).push_back(i);
  }
  while (!poor.empty()) {
    const std::size_t from = rich.back();  // there is one: the mean is a column
    Column& filled = columns_[poor.back()];
    poor.pop_back();
    filled.other = from;
    columns_[from].own -= height_ - filled.own;
    if (columns_[from].own >= height_) continue;
    rich.pop_back();
    poor.push_back(from);
  }
}

std::optional<std::size_t> WeightedRandom::pick(std::span<const Target> targets, const Call&,
                                                Random& random) noexcept {
  if (targets.empty()) return std::nullopt;
  for (int tried = 0; tried < kTriesMax; ++tried) {
    const std::size_t drawn = random.below(columns_.size());
    const Column& column = columns_[drawn];
    const std::size_t picked = random.below(height_) < column.own ? drawn : column.other;
    if (targets[picked].available) return picked;
  }
  return scan(targets, random);
}

std::optional<std::size_t> WeightedRandom::scan(std::span<const Target> targets,
                                                Random& random) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) sum += targets[i].available ? weights_[i] : 0U;
  if (sum == 0) return std::nullopt;
  std::uint64_t left = random.below(sum);
  std::size_t index = 0;
  for (;; ++index) {
    if (!targets[index].available) continue;
    if (left < weights_[index]) return index;
    left -= weights_[index];
  }
}

}  // namespace headgate::balance
