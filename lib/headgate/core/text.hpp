// The written form of values, the same in every file, flag and table: `10ms`, `100/s`, `64KiB`,
// `5%`, `2M`. Parsing is exact (decimal digits, no floating point) and `to_text` gives a form that
// parses back to the same value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate {

// Each of these fails with kInvalidArgument; `where` is the text itself and `why` shows the right
// form. None allocates unless it fails. Leading and trailing blanks are not accepted.

/// `250us`, `10ms`, `2s`, `1.5s`, `1h30m`, `7d`. Units: ns us ms s m h d. Never negative.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
/// `100/s`, `2.5/s`, `5000/min`, `1M/day`, `5/2s`. Periods: s m min h hour d day, or a duration.
[[nodiscard]] Result<Rate> parse_rate(std::string_view text);
/// `512B`, `16KiB`, `10MB`. Units: B KB MB GB TB (powers of 1000), KiB MiB GiB TiB (of 1024).
[[nodiscard]] Result<Bytes> parse_bytes(std::string_view text);
/// `5%` or `0.05`; 0 to 1.
[[nodiscard]] Result<Share> parse_share(std::string_view text);
/// `2000000`, `20k`, `2M`, `1G`. Never negative.
[[nodiscard]] Result<std::int64_t> parse_count(std::string_view text);
/// A plain decimal number such as `4`, `0.25` or `1e3`.
[[nodiscard]] Result<double> parse_number(std::string_view text);

/// In the largest unit that gives a whole number: `90m`, `1500us`, `0s`.
[[nodiscard]] std::string to_text(Duration duration);
[[nodiscard]] std::string to_text(const Rate& rate);
[[nodiscard]] std::string to_text(Bytes bytes);
[[nodiscard]] std::string to_text(Share share);
/// `2M`, `20k`, `1234`.
[[nodiscard]] std::string count_to_text(std::int64_t count);

/// The known word nearest to `word` if it is near enough to be a slip (at most two edits, and fewer
/// than half of its letters), else empty. Cost: O(words * length squared). For "did you mean".
template <class Words>
[[nodiscard]] std::string_view nearest_word(std::string_view word, const Words& words);

/// Levenshtein distance with transpositions of neighbours counted as one.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Words>
std::string_view nearest_word(std::string_view word, const Words& words) {
  std::string_view best;
  std::size_t best_distance = 3;
  for (const std::string_view candidate : words) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && 2 * distance < candidate.size() + 1) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace headgate
