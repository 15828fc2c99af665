// How clients are told of limits: the fields of an answer, by one formatter for all their dialects.
//
//   standard  RateLimit-Policy, RateLimit          structured fields: lists of one item per limit
//   legacy    RateLimit-Limit, -Remaining, -Reset  of one limit; Reset is in seconds from now
//   x         X-RateLimit-Limit, -Remaining, -Reset  of one limit; Reset is in seconds since 1970
//
// `standard` is IETF draft-ietf-httpapi-ratelimit-headers-10 (sections 3 and 4): `q` requests per
// `w` seconds, of which `r` are left, and `t` seconds until there are more than these. `legacy` is
// what that draft said up to its version 06 and what Envoy and Kong send; `x` is as GitHub sends
// it. These two can speak of one limit only: the tightest, the one with the least share of its
// quota left. Their Reset is when that limit is whole again.
//
// All times are whole seconds, rounded up: a client that obeys is never too early.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

enum class FieldFamily : std::uint8_t { kStandard, kLegacy, kX };

/// Any of the families; none, if made of nothing.
class FieldFamilies {
 public:
  constexpr FieldFamilies() = default;
  constexpr FieldFamilies(std::initializer_list<FieldFamily> families) {
    for (const FieldFamily family : families) add(family);
  }
  constexpr void add(FieldFamily family) noexcept { bits_ |= bit(family); }
  [[nodiscard]] constexpr bool has(FieldFamily family) const noexcept {
    return (bits_ & bit(family)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend bool operator==(const FieldFamilies&, const FieldFamilies&) = default;

 private:
  static constexpr unsigned bit(FieldFamily family) noexcept {
    return 1U << static_cast<unsigned>(family);
  }
  unsigned bits_ = 0;
};

/// Which answers tell of a limit.
enum class FieldsOn : std::uint8_t { kAll, kRefused };

/// `standard`, `legacy`, `x`. Fails with kInvalidConfig at "fields".
[[nodiscard]] Result<FieldFamily> parse_field_family(std::string_view text);
[[nodiscard]] std::string_view to_text(FieldFamily family) noexcept;
/// `all`, `refused`. Fails with kInvalidConfig at "fields_on".
[[nodiscard]] Result<FieldsOn> parse_fields_on(std::string_view text);
[[nodiscard]] std::string_view to_text(FieldsOn on) noexcept;

inline constexpr std::array kFieldFamilies{FieldFamily::kStandard, FieldFamily::kLegacy,
                                           FieldFamily::kX};
/// The names of the fields that hold one value: what an answer already has of them gives way.
/// `standard` has none, as its fields are lists, to which anyone on the way may add.
[[nodiscard]] std::span<const std::string_view> single_fields(FieldFamily family) noexcept;

/// A limit as clients know it.
struct Label {
  std::string_view name;  ///< printable ASCII; quoted and escaped by us
  Quota quota;
  FieldFamilies families{FieldFamily::kStandard};
  FieldsOn on = FieldsOn::kAll;
};

/// What a limit has said to a request.
struct Standing {
  bool known = false;  ///< false: it was not asked, or did not say what is left
  TimePoint at{};      ///< when it said so
  Tokens remaining{};
  Duration more_after = kNever;   ///< until there is more than `remaining`; kNever: not known
  Duration reset_after = kNever;  ///< until it is whole again; kNever: not known
};

/// When and on what the fields are written.
struct Telling {
  TimePoint now;         ///< not before any Standing::at
  Duration epoch;        ///< from 1970 UTC to time zero
  bool refused = false;  ///< the answer is the refusal
};

/// Room that the fields of all limits of a route take at most: a head is to fit into the buffers of
/// the proxies on its way, which are 4 KiB and more.
inline constexpr std::size_t kFieldsMax = 4096;

/// Bytes that suffice for `labels` labels whose names are plain (letters, digits, `_ . -`) and
/// `name_bytes` long in all.
[[nodiscard]] constexpr std::size_t fields_size_max(std::size_t labels,
                                                    std::size_t name_bytes) noexcept {
  return 384 + 112 * labels + 2 * name_bytes;
}

/// The field lines that tell of the limits, each ending in CRLF: nothing if none is to be told of.
/// `standings` are those of `labels`, one by one. Returns the bytes written; 0 if `out` is too
/// small. Thread-safe. O(labels), no allocation.
[[nodiscard]] std::size_t write_limit_fields(std::span<const Label> labels,
                                             std::span<const Standing> standings,
                                             const Telling& telling, std::span<char> out) noexcept;

/// `Retry-After: 1\r\n` (RFC 9110 section 10.2.3), at least 1; nothing for kNever. 0 if `out` is
/// too small.
[[nodiscard]] std::size_t write_retry_after(Duration wait, std::span<char> out) noexcept;

/// What a client that is refused is told to wait: the exact wait, or a second if that is not known,
/// and up to `jitter` more, so that those who were refused together do not come back together.
/// Never less than the exact wait; kNever if no wait will do. Draws from `random` if jitter > 0.
[[nodiscard]] Duration wait_to_tell(const Decision& refusal, Duration jitter,
                                    Random& random) noexcept;

/// Whole seconds, rounded up; 0 for nothing or less.
[[nodiscard]] std::int64_t ceil_seconds(Duration duration) noexcept;

}  // namespace headgate::ratelimit
