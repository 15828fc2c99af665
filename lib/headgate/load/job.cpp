#include "headgate/load/job.hpp"

#include <algorithm>
#include <limits>
#include <utility>

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

std::string host_of(const config::HostPort& address) {
  const bool v6 = address.host.contains(':');
  std::string host = v6 ? "[" + address.host + "]" : address.host;
  return address.port == 80 ? host : host + ":" + std::to_string(address.port);
}

Result<RequestText> lay_out(const config::LoadTarget& target, const config::LoadRequest& request,
                            const PlaceNames& names) {
  auto text = RequestText::make({.method = request.method,
                                 .path = request.path.empty() ? target.path : request.path,
                                 .host = host_of(target.address),
                                 .headers = request.headers,
                                 .body = request.body},
                                names);
  if (!text) return text;
  std::string scratch;
  const Fill fill{.sequence = std::numeric_limits<std::uint64_t>::max(),
                  .data = names.data,
                  .captured = names.captured};
  if (text->render(fill, scratch).size() > kRequestMax) {
    return failed(Errc::kInvalidArgument, request.path, "the request is larger than 256 KiB");
  }
  return text;
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
  Job job{Weights{weights_of(plan.targets)}, Weights{weights_of(plan.requests)}};
  if (plan.data) job.data_ = std::make_shared<const config::DataTable>(*plan.data);
  const PlaceNames names{.data = job.data_.get()};
  for (const config::LoadTarget& target : plan.targets) {
    const auto address = net::Address::resolve(target.address.host, target.address.port);
    if (!address) return std::unexpected(address.error());
    job.targets_.push_back({.name = target.url, .address = *address});
    for (const config::LoadRequest& request : plan.requests) {
      auto text = lay_out(target, request, names);
      if (!text) return std::unexpected(text.error());
      job.texts_.push_back(*std::move(text));
    }
  }
  job.arrivals = plan.arrivals;
  const auto* closed = plan.arrivals ? plan.arrivals->closed() : nullptr;
  job.connections =
      closed != nullptr ? static_cast<std::uint32_t>(closed->clients) : plan.connections;
  job.threads = std::min(plan.threads, job.connections);
  job.duration = plan.duration.value_or(plan.count ? kNever : kDurationDefault);
  job.count = plan.count;
  job.timeout = plan.timeout;
  job.seed = plan.seed;
  return job;
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
  if (texts_.size() == 1) return {.target = 0, .request = texts_.data()};
  Random random = Random::stream(seed, "load", sequence, "choice");
  const std::size_t target = target_weights_.draw(random);
  const std::size_t request = request_weights_.draw(random);
  return {.target = static_cast<std::uint32_t>(target),
          .request = &texts_[target * request_weights_.size() + request]};
}

}  // namespace headgate::load
