#include "headgate/load/job.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "headgate/config/recording.hpp"
#include "headgate/core/check.hpp"

namespace headgate::load {
namespace {

template <class Items>
std::vector<std::uint32_t> weights_of(const Items& items) {
  std::vector<std::uint32_t> weights;
  weights.reserve(items.size());
  for (const auto& item : items) weights.push_back(item.weight);
  return weights;
}

Result<Request> lay_out(const config::LoadTarget& target, const config::LoadRequest& request,
                        const PlaceNames& names) {
  const std::vector<std::string> captured(names.captured.begin(), names.captured.end());
  auto text = RequestText::make({.method = request.method,
                                 .path = request.path.empty() ? target.path : request.path,
                                 .host = config::host_field(target),
                                 .headers = request.headers,
                                 .body = request.body},
                                names);
  if (!text) return std::unexpected(text.error());
  auto check = AnswerCheck::make(request.answer, request.captures, captured);
  if (!check) return std::unexpected(check.error());
  // The largest sequence number makes the largest request, but for what is captured.
  std::string scratch;
  const std::vector<std::string> nothing(captured.size());
  const Fill fill{.sequence = std::numeric_limits<std::uint64_t>::max(),
                  .data = names.data,
                  .captured = nothing};
  if (text->render(fill, scratch).size() > kRequestMax) {
    return failed(Errc::kInvalidArgument, request.path, "the request is larger than 256 KiB");
  }
  if (check->needs_answer()) text->keep_answer();
  return Request{.text = *std::move(text), .check = *std::move(check)};
}

/// The names of all captures, each once.
std::vector<std::string> names_of_captures(const config::LoadPlan& plan) {
  std::vector<std::string> names;
  for (const auto* list : {&plan.before, &plan.requests}) {
    for (const config::LoadRequest& request : *list) {
      for (const config::Capture& capture : request.captures) {
        if (std::ranges::find(names, capture.name) == names.end()) names.push_back(capture.name);
      }
    }
  }
  return names;
}

std::vector<config::LoadRequest> requests_of(const config::LoadPlan& plan) {
  if (!plan.replay) return plan.requests;
  std::vector<config::LoadRequest> requests;
  for (const config::RecordedRequest& recorded : plan.replay->requests) {
    // What the plan says of its one request goes for all of them.
    config::LoadRequest request = plan.requests.empty() ? config::LoadRequest{} : plan.requests[0];
    request.method = recorded.method;
    request.path = recorded.path;
    request.body = recorded.body;
    request.headers.insert(request.headers.begin(), recorded.headers.begin(),
                           recorded.headers.end());
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace

Weights::Weights(const std::vector<std::uint32_t>& weights) {
  HG_ASSERT(!weights.empty());
  sums_.reserve(weights.size());
  std::uint64_t sum = 0;
  for (const std::uint32_t weight : weights) sums_.push_back(sum += weight);
}

std::size_t Weights::draw(Random& random) const noexcept {
  const auto above = std::ranges::upper_bound(sums_, random.below(sums_.back()));
  return static_cast<std::size_t>(above - sums_.begin());
}

Result<Job> Job::prepare(const config::LoadPlan& plan) {
  const std::vector<config::LoadRequest> requests = requests_of(plan);
  Job job{Weights{weights_of(plan.targets)}, Weights{weights_of(requests)}};
  if (plan.data) job.data_ = std::make_shared<const config::DataTable>(*plan.data);
  job.captured_names_ = names_of_captures(plan);
  job.set_pace(plan);
  auto targets = make_targets(plan);
  if (!targets) return std::unexpected(targets.error());
  job.targets_ = *std::move(targets);
  if (auto laid = job.lay_out_all(plan, requests); !laid) return std::unexpected(laid.error());
  return job;
}

Result<void> Job::lay_out_all(const config::LoadPlan& plan,
                              const std::vector<config::LoadRequest>& requests) {
  const PlaceNames names{.data = data_.get(), .captured = captured_names_};
  const auto add = [&](std::vector<Request>& list, std::size_t target,
                       const config::LoadRequest& request) -> Result<void> {
    auto made = lay_out(plan.targets[target], request, names);
    if (!made) return std::unexpected(made.error());
    list.push_back(*std::move(made));
    list.back().target = static_cast<std::uint32_t>(target);
    return {};
  };
  for (std::size_t target = 0; target < plan.targets.size(); ++target) {
    for (const config::LoadRequest& request : requests) {
      if (auto added = add(requests_, target, request); !added) return added;
    }
  }
  for (const config::LoadRequest& request : plan.before) {
    if (auto added = add(before_, 0, request); !added) return added;
  }
  return {};
}

/// When, for how long and on how many connections.
void Job::set_pace(const config::LoadPlan& plan) {
  arrivals = plan.arrivals;
  if (plan.replay) {
    arrivals = arrival::Arrivals{plan.replay->arrivals};
    order_ = std::make_shared<const std::vector<std::uint32_t>>(plan.replay->order);
  }
  pipeline = requests_at_once(plan);
  const auto* closed = arrivals ? arrivals->closed() : nullptr;
  connections = closed != nullptr
                    ? std::max(1U, static_cast<std::uint32_t>(closed->clients) / pipeline)
                    : plan.connections;
  threads = std::min(plan.threads, connections);
  duration = plan.duration.value_or(plan.count || plan.replay ? kNever : kDurationDefault);
  count = plan.count;
  timeout = plan.timeout;
  seed = plan.seed;
  on_saturation = plan.on_saturation;
}

void Job::take_slice(std::uint32_t index, std::uint32_t of) noexcept {
  HG_ASSERT(index < of && connections >= of);
  // All generators walk with equally many threads, or their places would not fit together.
  threads = std::min(threads, connections / of);
  connections = connections / of + (index < connections % of ? 1 : 0);
  slice = index;
  slices = of;
}

Choice Job::choose(std::uint64_t sequence) const noexcept {
  if (requests_.size() == 1) return requests_.front().choice();
  Random random = Random::stream(seed, "load", sequence, "choice");
  const std::size_t target = target_weights_.draw(random);
  const std::size_t request =
      order_ ? (*order_)[sequence % order_->size()] : request_weights_.draw(random);
  return requests_[target * request_weights_.size() + request].choice();
}

}  // namespace headgate::load
