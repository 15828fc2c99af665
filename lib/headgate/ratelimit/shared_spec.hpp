// What a config says of a limit that several gateways share by way of a Redis.
//
//   exact  every decision asks: at most what one limiter would admit, at the price of a round trip.
//   lease  a gateway's worker takes tokens in advance and spends them at home (see lease.hpp for
//          what that may admit too much).
//
// When Redis does not answer, `on_failure` decides instead: everyone, no one, or a limiter at home.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "headgate/core/catalog.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate::ratelimit {

enum class SharedMode : std::uint8_t { kExact, kLease };
enum class OnFailure : std::uint8_t { kAdmit, kRefuse, kLocal };

struct SharedSpec {
  std::string redis;  ///< HOST:PORT
  SharedMode mode = SharedMode::kExact;
  std::optional<Tokens> lease;  ///< taken at once; nothing: a tenth of the burst, at least 1
  Duration lease_time = std::chrono::seconds{1};  ///< after it, what is unspent is given back
  Duration timeout = std::chrono::milliseconds{50};
  OnFailure on_failure = OnFailure::kLocal;
  std::int64_t gateways = 1;  ///< of kLocal: each gateway enforces this part of the limit; 1 to 10k
  std::string prefix = "hg:";  ///< of the keys in Redis
  friend bool operator==(const SharedSpec&, const SharedSpec&) = default;
};

/// The options of `shared`, for forms, schemas and help.
[[nodiscard]] std::span<const OptionInfo> shared_options() noexcept;

/// `exact`, `lease`. Fails with kInvalidConfig at "mode".
[[nodiscard]] Result<SharedMode> parse_shared_mode(std::string_view text);
/// `admit`, `refuse`, `local`. Fails with kInvalidConfig at "on_failure".
[[nodiscard]] Result<OnFailure> parse_on_failure(std::string_view text);
[[nodiscard]] std::string_view to_text(SharedMode mode) noexcept;
[[nodiscard]] std::string_view to_text(OnFailure rule) noexcept;

}  // namespace headgate::ratelimit
