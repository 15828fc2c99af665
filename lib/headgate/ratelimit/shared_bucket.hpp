// A token bucket that is kept in one place for several gateways: the numbers that a script there
// adds and compares, and what its answer means.
//
// The script runs where every number is a double. So it never multiplies or divides: a point in
// time is whole microseconds and a count of parts of one (mixed radix, as a token costs a fraction
// of a microsecond at most rates), the spans that it adds are computed here in integers, and all
// sums stay below 2^53, where doubles are exact (until the year 2112). It decides as TokenBucket
// does, bit for bit, on times of whole microseconds.
//
// The bound is that of TokenBucket over all gateways together: at most `burst + rate * t` tokens in
// any interval of length t of the clock that all of them share, the store's own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

/// What the store saw when it decided: its clock, which of the offers it took, and the limit's
/// state before that.
struct SharedSight {
  std::int64_t now_us = 0;  ///< since 1970-01-01T00:00Z
  std::int64_t taken = 0;   ///< the offer's number from 1; 0: none was possible
  std::int64_t first = 0;   ///< of a bucket: the theoretical arrival time, whole microseconds
  std::int64_t second = 0;  ///< of a bucket: parts of one
};

class SharedBucket {
 public:
  /// Marks a bucket, and tokens given back to one, among a script's numbers.
  static constexpr std::int64_t kKind = 1;
  static constexpr std::int64_t kReturnKind = 2;

  struct Config {
    Rate rate;
    Tokens burst;
  };
  /// Fails with kInvalidConfig, naming "rate" or "burst", if the numbers would not stay exact: more
  /// than 2^41 tokens in the period of the rate in lowest terms, or a bucket that takes more than
  /// 2^50 microseconds (35 years) to fill.
  [[nodiscard]] static Result<SharedBucket> make(const Config& config);

  /// Appends the question: take the first of `offers` that the bucket can pay.
  /// Requires: 1 <= each offer <= burst.
  void append_question(std::vector<std::int64_t>& numbers, std::span<const Tokens> offers) const;
  /// Appends the order to give `tokens` back. Requires: 1 <= tokens <= burst.
  void append_return(std::vector<std::int64_t>& numbers, Tokens tokens) const;

  /// The answer to a request of `cost` tokens. `spent`: they were taken; else they were refused
  /// here, or by another limit that decides together with this one.
  [[nodiscard]] Decision decision(const SharedSight& sight, Tokens cost, bool spent) const noexcept;

  [[nodiscard]] Tokens capacity() const noexcept { return burst_; }

 private:
  explicit SharedBucket(const Config& config) noexcept;

  /// A length of time, `us + parts / parts_per_us` microseconds.
  struct Span {
    std::int64_t us;
    std::int64_t parts;
  };
  [[nodiscard]] Span span_of(std::int64_t tokens) const noexcept;

  Rate rate_;  // in lowest terms: a token costs rate.per.count() parts
  Tokens burst_;
  std::int64_t parts_per_us_;
};

}  // namespace headgate::ratelimit
