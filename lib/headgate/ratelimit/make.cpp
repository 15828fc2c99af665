// From the words of a config to a limiter.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/shared_limit.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::int64_t kMaxKeys = 100'000'000;
constexpr Duration kJitterMax = std::chrono::hours{1};
constexpr std::uint64_t kLogBytesMax = std::uint64_t{16} << 30;

/// Says which option `entry` needs and lacks, or has been given and does not know.
Result<void> check_options(const Spec& spec, const CatalogEntry& entry) {
  const std::array<std::pair<std::string_view, bool>, 7> given{{{"rate", spec.rate.has_value()},
                                                                {"burst", spec.burst.has_value()},
                                                                {"limit", spec.limit.has_value()},
                                                                {"window", spec.window.has_value()},
                                                                {"start", spec.start.has_value()},
                                                                {"period", spec.period.has_value()},
                                                                {"delay", spec.delay.has_value()}}};
  std::string has;
  for (const OptionInfo& option : entry.options)
    has.append(has.empty() ? "" : ", ").append(option.name);
  for (const auto& [name, present] : given) {
    const auto known = std::ranges::find(entry.options, name, &OptionInfo::name);
    if (known == entry.options.end()) {
      if (!present) continue;
      return failed(Errc::kInvalidConfig, std::string{name},
                    "is no option of " + std::string{entry.name} + ", which has: " + has);
    }
    if (!present && known->fallback.empty()) {
      return failed(Errc::kInvalidConfig, std::string{name},
                    "is required by " + std::string{entry.name});
    }
  }
  return {};
}

/// A log of `limit` times for each of `max_keys` callers is a lot of memory quickly.
Result<void> check_logs(const Spec& spec) {
  const std::int64_t limit = spec.limit.value_or(Tokens{}).count;
  if (spec.algorithm != "sliding_log" || limit < 1) return {};
  const auto slots = static_cast<std::uint64_t>(spec.max_keys);
  const std::uint64_t limit_max = kLogBytesMax / (8 * slots);
  if (static_cast<std::uint64_t>(limit) <= limit_max) return {};
  return failed(Errc::kInvalidConfig, "limit",
                "must be at most " + std::to_string(limit_max) + " with max_keys " +
                    std::to_string(slots) +
                    ": the logs may take 16 GiB; lower max_keys, or take strict_window");
}

/// What is said of addresses and of the fields for clients, whatever the algorithm.
Result<void> check_common(const Spec& spec) {
  const auto check = [&](std::string_view name, const std::optional<std::int64_t>& prefix,
                         std::int64_t max) -> Result<void> {
    if (!prefix) return {};
    if (*prefix < 1 || *prefix > max) {
      return failed(Errc::kInvalidConfig, std::string{name},
                    "must be 1 to " + std::to_string(max) + " bits of the address");
    }
    if (reads_address(spec.key)) return {};
    return failed(Errc::kInvalidConfig, std::string{name},
                  "is for keys with client_ip or consumer: no other has an address");
  };
  if (const auto checked = check("ipv4_prefix", spec.ipv4_prefix, 32); !checked) return checked;
  if (const auto checked = check("ipv6_prefix", spec.ipv6_prefix, 128); !checked) return checked;
  if (spec.retry_jitter < Duration::zero() || spec.retry_jitter > kJitterMax) {
    return failed(Errc::kInvalidConfig, "retry_jitter", "must be 0s to 1h");
  }
  return {};
}

bool only_global(const KeySpec& key) {
  return std::ranges::all_of(key,
                             [](const KeyPart& part) { return part.source == KeySource::kGlobal; });
}

}  // namespace

/// Makes the policy, then the table around it.
class Maker {
 public:
  Maker(const Spec& spec, const Hosting& hosting) : spec_(spec), hosting_(hosting) {}

  /// Requires: the spec has passed check_options(), so that what the algorithm needs is there.
  Result<Limiter> make() const {
    const Rate rate = spec_.rate.value_or(Rate{});
    const Tokens burst = spec_.burst.value_or(Tokens{});
    const Tokens limit = spec_.limit.value_or(Tokens{});
    const Duration window = spec_.window.value_or(Duration{});
    const std::string& name = spec_.algorithm;
    if (name == "token_bucket") return one_word(TokenBucket::make({.rate = rate, .burst = burst}));
    if (name == "leaky_bucket") return one_word(LeakyBucket::make({.rate = rate, .burst = burst}));
    if (name == "leaky_queue") {
      return one_word(LeakyQueue::make(
          {.rate = rate, .burst = burst, .delay = spec_.delay.value_or(Tokens{})}));
    }
    if (name == "strict_window") {
      return one_word(StrictWindow::make({.limit = limit, .window = window, .burst = spec_.burst}));
    }
    if (name == "concurrency") return one_word(Concurrency::make({.limit = limit}));
    if (name == "sliding_log") return table(SlidingLog::make({.limit = limit, .window = window}));
    if (name == "sliding_counter") {
      return table(SlidingCounter::make({.limit = limit, .window = window}));
    }
    if (name == "quota") {
      return table(PeriodQuota::make({.limit = limit,
                                      .period = spec_.period.value_or(Period::kMonth),
                                      .epoch = hosting_.epoch}));
    }
    return table(FixedWindow::make({.limit = limit,
                                    .window = window,
                                    .start = spec_.start.value_or(WindowStart::kEpoch),
                                    .epoch = hosting_.epoch}));
  }

 private:
  template <class P>
  Result<Limiter> table(const Result<P>& policy) const {
    if (!policy) return std::unexpected(policy.error());
    const std::size_t slots = only_global(spec_.key) ? 1 : static_cast<std::size_t>(spec_.max_keys);
    return Limiter{
        spec_, hosting_.seed,
        Keyed<P>{*policy,
                 {.max_keys = slots, .overflow = spec_.overflow, .sharing = hosting_.sharing}}};
  }
  /// A state of one word needs no table where everyone is one caller.
  template <class P>
  Result<Limiter> one_word(const Result<P>& policy) const {
    if (!policy || !only_global(spec_.key)) return table(policy);
    return Limiter{spec_, hosting_.seed, Unkeyed<P>{*policy, hosting_.sharing}};
  }

  const Spec& spec_;
  const Hosting& hosting_;
};

Result<Limiter> make(const Spec& spec, const Hosting& hosting) {
  const auto entry = find_entry(catalog(), "algorithm", spec.algorithm);
  if (!entry) return std::unexpected(entry.error());
  if (const auto checked = check_options(spec, **entry); !checked) {
    return std::unexpected(checked.error());
  }
  if (spec.key.empty()) return failed(Errc::kInvalidConfig, "key", "must have at least one part");
  if (spec.max_keys < 1 || spec.max_keys > kMaxKeys) {
    return failed(Errc::kInvalidConfig, "max_keys", "must be 1 to 100M");
  }
  if (const auto checked = check_common(spec); !checked) return std::unexpected(checked.error());
  if (const auto checked = check_logs(spec); !checked) return std::unexpected(checked.error());
  if (spec.shared) {
    if (const auto shared = SharedLimit::make(spec); !shared) {
      return std::unexpected(shared.error());
    }
  }
  return Maker{spec, hosting}.make();
}

}  // namespace headgate::ratelimit
