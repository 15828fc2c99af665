#include "headgate/sim/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

// Places of the slowest journeys; of equal ones the first.
std::vector<std::size_t> slowest_places(const std::vector<JourneyTimes>& journeys, Share share) {
  std::vector<std::size_t> places(journeys.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const double wanted = std::floor(share.of_one * static_cast<double>(places.size()));
  const auto count = std::max<std::size_t>(static_cast<std::size_t>(wanted), 1);
  const auto slower = [&journeys](std::size_t a, std::size_t b) {
    if (journeys[a].response != journeys[b].response) {
      return journeys[a].response > journeys[b].response;
    }
    return a < b;
  };
  std::ranges::nth_element(places, places.begin() + static_cast<std::ptrdiff_t>(count) - 1, slower);
  places.resize(count);
  return places;
}

std::size_t stage_index(Stage stage) noexcept {
  const auto kind = static_cast<std::size_t>(stage.kind);
  if (stage.kind != Stage::Kind::kQueue && stage.kind != Stage::Kind::kService) return kind;
  const std::size_t of_targets = kind - static_cast<std::size_t>(Stage::Kind::kQueue);
  return static_cast<std::size_t>(Stage::Kind::kQueue) + std::size_t{2} * stage.target + of_targets;
}

class Sums {
 public:
  void add(const Recording& recording, const JourneyTimes& journey, double StageMeans::* which) {
    for (std::uint32_t i = 0; i < journey.count; ++i) {
      const Spent& spent = recording.spent()[journey.first + i];
      const std::size_t index = stage_index(spent.stage);
      if (index >= stages_.size()) stages_.resize(index + 1);
      stages_[index].stage = spent.stage;
      stages_[index].*which += static_cast<double>(spent.time.count());
    }
  }
  [[nodiscard]] std::vector<StageMeans> means(double all, double slowest) const {
    std::vector<StageMeans> used;
    for (StageMeans stage : stages_) {
      if (stage.all_ns <= 0) continue;
      stage.all_ns /= all;
      stage.slowest_ns /= slowest;
      used.push_back(stage);
    }
    return used;
  }

 private:
  std::vector<StageMeans> stages_;  // by stage_index
};

}  // namespace

Explanation explain(const Recording& recording, Share share) {
  const std::vector<JourneyTimes>& journeys = recording.journeys();
  HG_ASSERT(!journeys.empty());
  HG_ASSERT(share.of_one > 0 && share.of_one < 1);
  Explanation result;
  Sums sums;
  for (const JourneyTimes& journey : journeys) {
    sums.add(recording, journey, &StageMeans::all_ns);
    result.all_ns += static_cast<double>(journey.response.count());
    result.attempts_all += journey.attempts;
  }
  const std::vector<std::size_t> slowest = slowest_places(journeys, share);
  result.from = kNever;
  for (const std::size_t place : slowest) {
    const JourneyTimes& journey = journeys[place];
    sums.add(recording, journey, &StageMeans::slowest_ns);
    result.slowest_ns += static_cast<double>(journey.response.count());
    result.attempts_slowest += journey.attempts;
    result.from = std::min(result.from, journey.response);
  }
  const auto all_count = static_cast<double>(journeys.size());
  const auto slowest_count = static_cast<double>(slowest.size());
  result.requests = journeys.size();
  result.slowest = slowest.size();
  result.all_ns /= all_count;
  result.attempts_all /= all_count;
  result.slowest_ns /= slowest_count;
  result.attempts_slowest /= slowest_count;
  result.unseen = recording.more_journeys();
  result.stages = sums.means(all_count, slowest_count);
  return result;
}

}  // namespace headgate::sim
