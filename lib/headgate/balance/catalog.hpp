// All load balancers by name: from the words of a config to an object that picks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/choices.hpp"
#include "headgate/balance/hot_cold.hpp"
#include "headgate/balance/least_requests.hpp"
#include "headgate/balance/least_response_time.hpp"
#include "headgate/balance/locality.hpp"
#include "headgate/balance/maglev.hpp"
#include "headgate/balance/peak_ewma.hpp"
#include "headgate/balance/random_choice.hpp"
#include "headgate/balance/rendezvous.hpp"
#include "headgate/balance/ring_hash.hpp"
#include "headgate/balance/round_robin.hpp"
#include "headgate/balance/slow_start.hpp"
#include "headgate/balance/subset.hpp"
#include "headgate/balance/two_choices.hpp"
#include "headgate/balance/weighted_least_requests.hpp"
#include "headgate/balance/weighted_random.hpp"
#include "headgate/balance/weighted_round_robin.hpp"
#include "headgate/core/catalog.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"

namespace headgate::balance {

/// What a config says of a service's balancer: the policy, its options, and what stands around
/// every policy (the last four).
struct Spec {
  std::string policy = "two_choices";
  std::vector<std::string> key = {};               ///< parts as written; hash policies
  std::optional<std::int64_t> d = {};              ///< targets drawn; choices, hot_cold
  std::optional<std::int64_t> table_size = {};     ///< slots, a prime; maglev
  std::optional<std::int64_t> points = {};         ///< per target of weight 1; ring_hash
  std::optional<double> bound = {};                ///< of the mean load, > 1; ring_hash
  std::optional<std::int64_t> size = {};           ///< targets used; subset
  std::optional<std::int64_t> client = {};         ///< number of this gateway; subset
  std::optional<std::int64_t> clients = {};        ///< gateways in all; subset
  std::optional<double> spare = {};                ///< over the load, before it spills; locality
  std::optional<double> active_request_bias = {};  ///< weighted_least_requests
  std::optional<Duration> decay = {};              ///< time constant; policies that learn latencies
  std::optional<Duration> penalty = {};            ///< what a failure counts as; the same
  std::optional<Share> quantile = {};              ///< of in-flight counts that are cold; hot_cold
  SlowStartSpec slow_start = {};
  Share panic{0};           ///< below this share available, all count as available; 0: never
  Duration stale{0};        ///< the policy sees in-flight counts up to this old; 0: exact ones
  std::string sticky = {};  ///< name of the cookie that keeps a client at its target; empty: none
};

/// The policies.
[[nodiscard]] std::span<const CatalogEntry> catalog() noexcept;
/// Whether the policy of `spec` picks by the key of a call.
[[nodiscard]] bool reads_key(const Spec& spec) noexcept;
/// Whether the weights of targets mean anything to it.
[[nodiscard]] bool reads_weights(const Spec& spec) noexcept;
/// The options that every policy takes.
[[nodiscard]] std::span<const OptionInfo> common_options() noexcept;

using AnyPolicy =
    std::variant<RoundRobin, TwoChoices, Choices, RandomChoice, WeightedRandom, LeastRequests,
                 WeightedLeastRequests, PeakEwma, LeastResponseTime, HotCold, WeightedRoundRobin,
                 RingHash, Maglev, Rendezvous, Subset, Locality>;

/// Any of the policies. A value; one thread at a time.
class Balancer {
 public:
  void rebuild(std::span<const TargetInfo> infos) {
    std::visit([&](auto& policy) { policy.rebuild(infos); }, policy_);
  }
  /// See Policy. Draws only from `random`, in a number that depends on the policy and the targets.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept {
    const std::size_t picked = pick_(policy_, targets, call, random);
    if (picked == kNobody) return std::nullopt;
    return picked;
  }
  /// See Learning; nothing for a policy that does not learn.
  void done(std::size_t index, const Outcome& outcome, TimePoint now) noexcept {
    std::visit(
        [&]<class P>(P& policy) {
          if constexpr (Learning<P>) policy.done(index, outcome, now);
        },
        policy_);
  }
  [[nodiscard]] const Spec& spec() const noexcept { return spec_; }

 private:
  // One call through a pointer: std::visit checks more. And a bare index: g++ 12 returns an
  // optional by way of a byte in memory that it reads back as eight, a stall longer than the
  // cheapest picks.
  static constexpr std::size_t kNobody = ~std::size_t{0};
  using Pick = std::size_t (*)(AnyPolicy&, std::span<const Target>, const Call&, Random&) noexcept;
  template <class P>
  static std::size_t pick_as(AnyPolicy& policy, std::span<const Target> targets, const Call& call,
                             Random& random) noexcept {
    return std::get_if<P>(&policy)->pick(targets, call, random).value_or(kNobody);
  }

  Balancer(Spec spec, AnyPolicy policy)
      : spec_(std::move(spec)),
        policy_(std::move(policy)),
        pick_(std::visit([]<class P>(const P&) -> Pick { return &pick_as<P>; }, policy_)) {}
  friend Result<Balancer> make(const Spec& spec);

  Spec spec_;
  AnyPolicy policy_;
  Pick pick_;  // pick_as of what policy_ holds
};

/// The balancer that `spec` describes, without targets yet. Fails with kInvalidConfig; `where` is
/// the option, and at "policy" the error lists what there is.
[[nodiscard]] Result<Balancer> make(const Spec& spec);

}  // namespace headgate::balance
