// All load balancers by name: from the words of a config to an object that picks.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/random_choice.hpp"
#include "headgate/balance/round_robin.hpp"
#include "headgate/balance/two_choices.hpp"
#include "headgate/core/catalog.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"

namespace headgate::balance {

/// What a config says of a service's balancer.
struct Spec {
  std::string policy = "two_choices";
};

[[nodiscard]] std::span<const CatalogEntry> catalog() noexcept;

/// Any of the policies. A value; one thread at a time.
class Balancer {
 public:
  /// See Policy. Draws only from `random`, in a number that depends on the policy and the targets.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets,
                                                Random& random) noexcept {
    return std::visit([&](auto& policy) { return policy.pick(targets, random); }, policy_);
  }
  [[nodiscard]] const Spec& spec() const noexcept { return spec_; }

 private:
  using Any = std::variant<RoundRobin, TwoChoices, RandomChoice>;
  Balancer(Spec spec, const Any& policy) : spec_(std::move(spec)), policy_(policy) {}
  friend Result<Balancer> make(const Spec& spec);

  Spec spec_;
  Any policy_;
};

/// The balancer that `spec` describes. Fails with kInvalidConfig at "policy", listing what there
/// is.
[[nodiscard]] Result<Balancer> make(const Spec& spec);

}  // namespace headgate::balance
