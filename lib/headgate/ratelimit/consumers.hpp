// Who calls: consumers, known by the API keys that they send. The gateway and the simulator ask the
// same table, so a limit with `key: consumer` counts the same callers in both.
//
// A key tells callers apart and opens no door: who sends none, or one that is not known, is no
// consumer and is served all the same. Limits then count such a caller by its client address, as
// all strangers in one bucket would let any of them use up the limit of the others.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::ratelimit {

struct Consumer {
  std::string name;
  std::vector<std::string> keys;  ///< API keys; none of another consumer
};

/// Immutable: any number of threads may ask.
class Consumers {
 public:
  /// The request's header field with the API key.
  static constexpr std::string_view kHeader = "x-api-key";

  Consumers() = default;
  /// Of a key that two consumers have, either may be found; config refuses it.
  explicit Consumers(std::span<const Consumer> consumers);

  [[nodiscard]] bool empty() const noexcept { return names_by_key_.empty(); }
  /// The name of the consumer with this key, case and all; empty if there is none. The view lives
  /// as long as the table. O(log keys), no allocation.
  [[nodiscard]] std::string_view find(std::string_view api_key) const noexcept;

 private:
  std::vector<std::pair<std::string, std::string>> names_by_key_;  // sorted by key
};

/// What a limit with `key: consumer` folds into its key: two texts, the consumer and, of a stranger
/// (`consumer` is empty), the client's address. So a consumer that is called like an address is not
/// taken for the stranger who calls from there.
[[nodiscard]] constexpr std::array<std::string_view, 2> consumer_texts(
    std::string_view consumer, std::string_view client) noexcept {
  return {consumer, consumer.empty() ? client : std::string_view{}};
}

}  // namespace headgate::ratelimit
