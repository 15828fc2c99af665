#include "headgate/ratelimit/catalog.hpp"

#include <algorithm>
#include <array>

namespace headgate::ratelimit {
namespace {

constexpr std::array<std::string_view, 3> kOverflows{"steal_oldest", "admit", "refuse"};
constexpr std::array<std::string_view, 2> kStarts{"epoch", "first_hit"};

constexpr std::array<std::string_view, 4> kFields{"standard", "legacy", "x", "none"};
constexpr std::array<std::string_view, 2> kFieldsOn{"all", "refused"};

constexpr OptionInfo kRate{
    .name = "rate", .kind = ValueKind::kRate, .doc = "tokens earned in the long run; at most 1G/s"};
constexpr OptionInfo kWindow{
    .name = "window", .kind = ValueKind::kDuration, .doc = "its length; 1ms to 36 years"};

constexpr std::array kTokenBucketOptions = std::to_array<OptionInfo>({
    kRate,
    {.name = "burst",
     .kind = ValueKind::kCount,
     .doc = "most tokens spent at one instant; 1 to 1G"},
});
constexpr std::array kLeakyBucketOptions = std::to_array<OptionInfo>({
    kRate,
    {.name = "burst",
     .kind = ValueKind::kCount,
     .doc = "requests held beyond the one in service; from 0"},
});
constexpr std::array kLeakyQueueOptions = std::to_array<OptionInfo>({
    kRate,
    {.name = "burst",
     .kind = ValueKind::kCount,
     .doc = "requests that may wait beyond the one in service; from 0"},
    {.name = "delay",
     .kind = ValueKind::kCount,
     .fallback = "0",
     .doc = "of them so many pass at once; 0 to burst"},
});
constexpr std::array kFixedWindowOptions = std::to_array<OptionInfo>({
    {.name = "limit", .kind = ValueKind::kCount, .doc = "tokens in each window; at least 1"},
    kWindow,
    {.name = "start",
     .kind = ValueKind::kChoice,
     .fallback = "epoch",
     .doc = "windows start at multiples since 1970 UTC, or at a caller's first request",
     .choices = kStarts},
});
constexpr std::array kSlidingLogOptions = std::to_array<OptionInfo>({
    {.name = "limit",
     .kind = ValueKind::kCount,
     .doc = "tokens in any interval of the window's length; 1 to 1M"},
    kWindow,
});
constexpr std::array kSlidingCounterOptions = std::to_array<OptionInfo>({
    {.name = "limit",
     .kind = ValueKind::kCount,
     .doc = "tokens in the estimated window; 1 to 4294967295"},
    kWindow,
});
constexpr std::array kStrictWindowOptions = std::to_array<OptionInfo>({
    {.name = "limit",
     .kind = ValueKind::kCount,
     .doc = "tokens in any interval of the window's length; 2 to 1G"},
    kWindow,
    {.name = "burst",
     .kind = ValueKind::kCount,
     .fallback = "limit / 10, at least 1",
     .doc = "of them at one instant; the rest is earned over the window"},
});
constexpr std::array kConcurrencyOptions = std::to_array<OptionInfo>({
    {.name = "limit", .kind = ValueKind::kCount, .doc = "requests at work at once; 1 to 1G"},
});
constexpr std::array kQuotaOptions = std::to_array<OptionInfo>({
    {.name = "limit", .kind = ValueKind::kCount, .doc = "tokens in each period; at least 1"},
    {.name = "period",
     .kind = ValueKind::kChoice,
     .doc = "of the calendar, in UTC; weeks start on Monday",
     .choices = kPeriodNames},
});

constexpr std::array kCatalog = std::to_array<CatalogEntry>({
    {.name = "token_bucket",
     .summary = "bursts up to a fixed size, a fixed rate in the long run (GCRA)",
     .guarantee =
         "at most burst + rate * t tokens in any interval of length t; the most generous such",
     .options = kTokenBucketOptions,
     .source = "ITU-T I.371 annex A; J. Turner, IEEE Comm. Mag. 24(10), 1986",
     .cost = "O(1), 8 bytes a caller"},
    {.name = "fixed_window",
     .summary = "a quota for each window",
     .guarantee = "at most limit tokens in a window, 2 * limit in any interval of its length",
     .options = kFixedWindowOptions,
     .source = "folklore; envoyproxy/ratelimit, gubernator",
     .cost = "O(1), 16 bytes a caller"},
    {.name = "sliding_log",
     .summary = "every token is remembered for one window",
     .guarantee =
         "at most limit tokens in any interval of the window's length, none refused that fits",
     .options = kSlidingLogOptions,
     .source = "folklore; an Erlang loss system under Poisson arrivals",
     .cost = "O(log limit + cost), 8 + 8 * limit bytes a caller"},
    {.name = "sliding_counter",
     .summary = "two counts, the older one fading: an estimate of the sliding window",
     .guarantee = "at most 2 * limit - 1 tokens in any interval of the window's length",
     .options = kSlidingCounterOptions,
     .source = "Cloudflare, 2017; HAProxy freq_ctr",
     .cost = "O(1), 16 bytes a caller"},
    {.name = "leaky_bucket",
     .summary = "a meter: the token bucket of burst + 1, counted as nginx does",
     .guarantee = "at most burst + 1 + rate * t requests in any interval of length t",
     .options = kLeakyBucketOptions,
     .source = "J. Turner, IEEE Comm. Mag. 24(10), 1986; nginx limit_req nodelay",
     .cost = "O(1), 8 bytes a caller"},
    {.name = "leaky_queue",
     .summary = "a shaper: requests beyond the rate are held, beyond the burst refused",
     .guarantee = "at most delay + 1 + rate * t requests leave in any interval of length t",
     .options = kLeakyQueueOptions,
     .source = "ITU-T I.371 annex A; nginx limit_req burst delay",
     .cost = "O(1), 8 bytes a caller"},
    {.name = "strict_window",
     .summary = "a token bucket whose burst and rate together keep the limit",
     .guarantee = "at most limit tokens in any interval of the window's length; limit - burst per "
                  "window in the long run",
     .options = kStrictWindowOptions,
     .source = "R. Cruz, IEEE Trans. Inf. Theory 37(1), 1991",
     .cost = "O(1), 8 bytes a caller"},
    {.name = "concurrency",
     .summary = "so many requests at work at once",
     .guarantee = "never more than limit at once",
     .options = kConcurrencyOptions,
     .source = "E. Dijkstra, EWD 74, 1963",
     .cost = "O(1), 8 bytes a caller"},
    {.name = "quota",
     .summary = "a quota for each day, week, month or year of the calendar (UTC)",
     .guarantee = "at most limit tokens in a period, 2 * limit around its end",
     .options = kQuotaOptions,
     .source = "ISO 8601; the proleptic Gregorian calendar",
     .cost = "O(1), 16 bytes a caller"},
});

constexpr std::array kCommonOptions = std::to_array<OptionInfo>({
    {.name = "key",
     .kind = ValueKind::kKey,
     .fallback = "client_ip",
     .doc = "who is counted as one caller, or a list of parts"},
    {.name = "max_keys",
     .kind = ValueKind::kCount,
     .fallback = "65536",
     .doc = "callers remembered at once; 1 to 100M, 16 to 24 bytes each"},
    {.name = "overflow",
     .kind = ValueKind::kChoice,
     .fallback = "steal_oldest",
     .doc = "what a new caller meets when no room is left",
     .choices = kOverflows},
    {.name = "ipv4_prefix",
     .kind = ValueKind::kCount,
     .fallback = "32",
     .doc = "bits of an IPv4 client_ip that make one caller; 1 to 32"},
    {.name = "ipv6_prefix",
     .kind = ValueKind::kCount,
     .fallback = "64",
     .doc = "bits of an IPv6 client_ip that make one caller; 1 to 128"},
    {.name = "name",
     .kind = ValueKind::kText,
     .fallback = "the route's, and .1, .2, … if it has several limits",
     .doc = "what clients are told that the limit is called"},
    {.name = "fields",
     .kind = ValueKind::kChoice,
     .fallback = "standard",
     .doc = "header fields that tell clients of the limit, or a list of their families",
     .choices = kFields},
    {.name = "fields_on",
     .kind = ValueKind::kChoice,
     .fallback = "all",
     .doc = "answers that have these fields: all, or refusals only",
     .choices = kFieldsOn},
    {.name = "retry_jitter",
     .kind = ValueKind::kDuration,
     .fallback = "0s",
     .doc = "at most so much is added to a refusal's Retry-After, by chance; up to 1h"},
});

}  // namespace

std::span<const CatalogEntry> catalog() noexcept { return kCatalog; }
std::span<const OptionInfo> common_options() noexcept { return kCommonOptions; }

Result<Overflow> parse_overflow(std::string_view text) {
  const auto* found = std::ranges::find(kOverflows, text);
  if (found == kOverflows.end()) {
    return failed(Errc::kInvalidConfig, "overflow", "must be steal_oldest, admit or refuse");
  }
  return static_cast<Overflow>(found - kOverflows.begin());
}
std::string_view to_text(Overflow overflow) noexcept {
  return kOverflows[static_cast<std::size_t>(overflow)];
}

Result<WindowStart> parse_window_start(std::string_view text) {
  const auto* found = std::ranges::find(kStarts, text);
  if (found == kStarts.end()) {
    return failed(Errc::kInvalidConfig, "start", "must be epoch or first_hit");
  }
  return static_cast<WindowStart>(found - kStarts.begin());
}
std::string_view to_text(WindowStart start) noexcept {
  return kStarts[static_cast<std::size_t>(start)];
}

}  // namespace headgate::ratelimit
