// Any limit that can be kept in one place for several gateways: a question in integers for the
// store's script, and the decision that its answer means. Pure: what carries them is not its
// affair (see redis/script.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/shared_bucket.hpp"
#include "headgate/ratelimit/shared_window.hpp"

namespace headgate::ratelimit {

struct Spec;

class SharedLimit {
 public:
  /// Requires: spec.shared. Fails with kInvalidConfig; `where` names the field ("algorithm",
  /// "rate", "shared.lease", …) and `why` says what can be shared.
  [[nodiscard]] static Result<SharedLimit> make(const Spec& spec);

  /// The most that one request may ever cost.
  [[nodiscard]] Tokens capacity() const noexcept;
  /// Appends the question for `cost` tokens. Requires: 1 <= cost <= capacity().
  void append_question(std::vector<std::int64_t>& numbers, Tokens cost) const;
  /// See SharedBucket::decision.
  [[nodiscard]] Decision decision(const SharedSight& sight, Tokens cost, bool spent) const noexcept;
  /// The bucket, for leases; null if it is none.
  [[nodiscard]] const SharedBucket* bucket() const noexcept {
    return std::get_if<SharedBucket>(&kind_);
  }
  /// A text that differs if the algorithm or any of its numbers does, for the names of keys: after
  /// a change of the limit, gateways with the old and the new one must not read each other's state.
  [[nodiscard]] const std::string& tag() const noexcept { return tag_; }

 private:
  using Kind = std::variant<SharedBucket, SharedWindow>;
  SharedLimit(const Kind& kind, std::string tag) : kind_(kind), tag_(std::move(tag)) {}

  Kind kind_;
  std::string tag_;
};

}  // namespace headgate::ratelimit
