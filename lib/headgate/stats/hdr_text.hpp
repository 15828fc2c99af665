// The text form of a histogram: HdrHistogram's V2 encoding, deflated, in base64. The same numbers
// without head and compression are the form in which many small histograms are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::stats {

/// "HISTFAAAA…" of counts by bucket, from bucket 0 to the last one in use. `digits`: significant
/// ones of the layout, 2 or 3; `greatest`: the longest duration that the layout tells apart.
[[nodiscard]] std::string hdr_text(std::span<const std::uint64_t> counts, std::uint32_t digits,
                                   Duration greatest);

/// Calls `take(index, count)` for each bucket of the text that is not empty, in ascending order.
/// Fails with kCorrupt, whatever the bytes, also for an index of `buckets` or more; what was taken
/// by then is to be thrown away. Takes no more than 1 MiB.
[[nodiscard]] Result<void> read_hdr_text(
    std::string_view text, std::uint32_t digits, std::size_t buckets,
    const std::function<void(std::size_t, std::uint64_t)>& take);

/// Appends the counts: one byte for a small count, one or two for a run of empty buckets.
void put_counts(std::vector<std::byte>& bytes, std::span<const std::uint64_t> counts);
/// Reads what put_counts wrote; otherwise as read_hdr_text.
[[nodiscard]] Result<void> take_counts(std::span<const std::byte> bytes, std::size_t buckets,
                                       const std::function<void(std::size_t, std::uint64_t)>& take);

}  // namespace headgate::stats
