#include "headgate/balance/catalog.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "headgate/core/text.hpp"

namespace headgate::balance {
namespace {

constexpr OptionInfo kDecay{.name = "decay",
                            .kind = ValueKind::kDuration,
                            .fallback = "10s",
                            .doc = "time constant in which a latency is forgotten; 1ms to 1h"};
constexpr OptionInfo kPenalty{
    .name = "penalty",
    .kind = ValueKind::kDuration,
    .fallback = "5s",
    .doc = "what a failed request counts as, if it did not take longer; up to 1h"};
constexpr OptionInfo kDraws{.name = "d",
                            .kind = ValueKind::kCount,
                            .fallback = "3",
                            .doc = "targets drawn and compared; 2 to 16"};

constexpr std::array kChoicesOptions{kDraws};
constexpr std::array kWeightedLeastOptions = std::to_array<OptionInfo>({
    {.name = "active_request_bias",
     .kind = ValueKind::kNumber,
     .fallback = "1",
     .doc = "b in weight / (in flight + 1)^b; 0 to 4, 0 looks at weights only"},
});
constexpr std::array kLatencyOptions{kDecay, kPenalty};
constexpr std::array kHotColdOptions{
    kDraws,
    OptionInfo{.name = "quantile",
               .kind = ValueKind::kShare,
               .fallback = "84%",
               .doc = "share of the in-flight counts met lately that are not hot"},
    kDecay, kPenalty};

constexpr OptionInfo kKey{.name = "key",
                          .kind = ValueKind::kKey,
                          .fallback = "client_ip",
                          .doc = "what is hashed: equal keys, equal target"};
constexpr std::array kRingOptions = std::to_array<OptionInfo>({
    {.name = "points",
     .kind = ValueKind::kCount,
     .fallback = "160",
     .doc = "on the ring, for each unit of a target's weight; 1 to 10000"},
    {.name = "bound",
     .kind = ValueKind::kNumber,
     .fallback = "none",
     .doc = "most load of a target over the mean, as 1.25; 1 to 100"},
    kKey,
});
constexpr std::array kMaglevOptions = std::to_array<OptionInfo>({
    {.name = "table_size",
     .kind = ValueKind::kCount,
     .fallback = "65537",
     .doc = "slots, a prime, better a hundred for each target; 2 to 5000011"},
    kKey,
});
constexpr std::array kRendezvousOptions{kKey};
constexpr std::array kSubsetOptions = std::to_array<OptionInfo>({
    {.name = "size",
     .kind = ValueKind::kCount,
     .fallback = "20",
     .doc = "targets that this gateway uses, at least; 1 to 100000"},
    {.name = "client",
     .kind = ValueKind::kCount,
     .fallback = "0",
     .doc = "the number of this gateway; below clients"},
    {.name = "clients",
     .kind = ValueKind::kCount,
     .fallback = "1",
     .doc = "gateways in all; 1 to 100000"},
});
constexpr std::array kLocalityOptions = std::to_array<OptionInfo>({
    {.name = "spare",
     .kind = ValueKind::kNumber,
     .fallback = "1.4",
     .doc = "load that a group's available targets can bear, over their share; 1 to 10"},
});

constexpr std::array kCatalog = std::to_array<CatalogEntry>({
    {.name = "round_robin",
     .summary = "the targets take turns",
     .guarantee = "each available target once in a round",
     .options = {},
     .source = "folklore",
     .cost = "O(1), no draw"},
    {.name = "two_choices",
     .summary = "the one with fewer requests in flight of two distinct targets drawn at random",
     .guarantee = "longest queue O(log log n) instead of O(log n / log log n)",
     .options = {},
     .source = "M. Mitzenmacher, IEEE TPDS 12(10), 2001",
     .cost = "O(1), 2 draws"},
    {.name = "choices",
     .summary = "the one with the fewest requests in flight of d distinct targets drawn at random",
     .guarantee = "mean time sum over i of rho^((d^i - d) / (d - 1)) with many exponential servers",
     .options = kChoicesOptions,
     .source = "N. Vvedenskaya et al., Probl. Inf. Transm. 32(1), 1996",
     .cost = "O(d^2), d draws"},
    {.name = "random",
     .summary = "each target as likely as any other",
     .guarantee = "equal shares in the mean",
     .options = {},
     .source = "folklore",
     .cost = "O(1), 1 draw"},
    {.name = "weighted_random",
     .summary = "each target in proportion to its weight",
     .guarantee = "shares weight / sum of weights in the mean, exactly",
     .options = {},
     .source = "A. Walker, ACM TOMS 3(3), 1977; M. Vose, IEEE TSE 17(9), 1991",
     .cost = "O(1), 2 draws"},
    {.name = "least_requests",
     .summary = "the one with the fewest requests in flight of all",
     .guarantee = "never more than the least in flight before it; equals are drawn",
     .options = {},
     .source = "W. Winston, J. Appl. Prob. 14, 1977",
     .cost = "O(targets), at most 1 draw"},
    {.name = "weighted_least_requests",
     .summary = "turns by weight, where requests in flight make a target lighter",
     .guarantee = "bias 0: nginx's smooth weighted round robin, turn by turn",
     .options = kWeightedLeastOptions,
     .source = "envoy active_request_bias; nginx upstream_round_robin",
     .cost = "O(targets), no draw"},
    {.name = "peak_ewma",
     .summary = "of two drawn at random the one with less latency times requests in flight",
     .guarantee = "a slow answer counts at once, and is forgotten with time",
     .options = kLatencyOptions,
     .source = "Finagle PeakEwma; linkerd2",
     .cost = "O(1), 2 draws; 24 bytes a target"},
    {.name = "least_response_time",
     .summary = "the one with the least latency times requests in flight for its weight, of all",
     .guarantee = "none has less expected wait by latency and count",
     .options = kLatencyOptions,
     .source = "nginx least_time; Traefik leasttime",
     .cost = "O(targets); 24 bytes a target"},
    {.name = "hot_cold",
     .summary = "of d drawn at random the fastest that is not busier than most",
     .guarantee = "a target with more in flight than the quantile only if all drawn have",
     .options = kHotColdOptions,
     .source = "B. Wydrowski et al. (Prequal), NSDI 2024",
     .cost = "O(d^2), d draws; 24 bytes a target"},
    {.name = "weighted_round_robin",
     .summary = "turns in proportion to the weights, in nginx's smooth order, from a table",
     .guarantee = "weight / sum of weights of each round, exactly up to a round of 65536 turns",
     .options = {},
     .source = "nginx commit 52327e062, 2012",
     .cost = "O(1), no draw; 4 bytes a turn"},
    {.name = "ring_hash",
     .summary = "a key goes to the first point behind it on a ring",
     .guarantee = "only the keys of a target that leaves move; with bound: at most ceil(bound * "
                  "mean) in flight",
     .options = kRingOptions,
     .source = "D. Karger et al., STOC 1997; V. Mirrokni et al., SODA 2018",
     .cost = "O(1), with bound O(targets); 16 bytes a point"},
    {.name = "maglev",
     .summary = "a key goes to the owner of its slot in a table",
     .guarantee = "equal targets have equally many slots, to one",
     .options = kMaglevOptions,
     .source = "D. Eisenbud et al., NSDI 2016",
     .cost = "O(1); 4 bytes a slot"},
    {.name = "rendezvous",
     .summary = "a key goes to the target whose hash with it is highest",
     .guarantee = "only the keys of a target that leaves move, to the second best of each",
     .options = kRendezvousOptions,
     .source = "D. Thaler, C. Ravishankar, IEEE/ACM ToN 6(1), 1998",
     .cost = "O(targets)"},
    {.name = "subset",
     .summary = "of many gateways each uses its own few targets, the less busy of two drawn",
     .guarantee = "all gateways together use each target equally, exactly",
     .options = kSubsetOptions,
     .source = "Finagle deterministic aperture; Site Reliability Engineering, chapter 20",
     .cost = "O(1), 2 draws"},
    {.name = "locality",
     .summary = "near targets first; what they cannot bear spills over, the less busy of two drawn",
     .guarantee = "nothing leaves a group while 1 / spare of it is available",
     .options = kLocalityOptions,
     .source = "envoy priority levels",
     .cost = "O(targets), 2 or 3 draws"},
});

// What stands around every policy: see pool.hpp.
constexpr std::array kCommonOptions = std::to_array<OptionInfo>({
    {.name = "slow_start",
     .kind = ValueKind::kDuration,
     .fallback = "0s",
     .doc = "a target that joins or recovers has its full share after this time; up to 1d"},
    {.name = "panic",
     .kind = ValueKind::kShare,
     .fallback = "0%",
     .doc = "with less than this share of the targets available, all count as available"},
    {.name = "stale",
     .kind = ValueKind::kDuration,
     .fallback = "0s",
     .doc = "how old the in-flight counts may be that the policy sees; for simulations"},
    {.name = "sticky",
     .kind = ValueKind::kText,
     .fallback = "none",
     .doc = "name of the cookie that keeps a client at its target while that is available"},
});

constexpr Duration kHour = std::chrono::hours{1};
constexpr Duration kDay = std::chrono::hours{24};

std::unexpected<Error> refused(std::string_view option, std::string_view why) {
  return failed(Errc::kInvalidConfig, std::string{option}, std::string{why});
}

/// Says which option was given that `entry` does not have.
Result<void> check_known(const Spec& spec, const CatalogEntry& entry) {
  const auto given = std::to_array<std::pair<std::string_view, bool>>({
      {"d", spec.d.has_value()},
      {"active_request_bias", spec.active_request_bias.has_value()},
      {"decay", spec.decay.has_value()},
      {"penalty", spec.penalty.has_value()},
      {"quantile", spec.quantile.has_value()},
      {"key", !spec.key.empty()},
      {"table_size", spec.table_size.has_value()},
      {"points", spec.points.has_value()},
      {"bound", spec.bound.has_value()},
      {"size", spec.size.has_value()},
      {"client", spec.client.has_value()},
      {"clients", spec.clients.has_value()},
      {"spare", spec.spare.has_value()},
  });
  for (const auto& [name, present] : given) {
    if (!present ||
        std::ranges::find(entry.options, name, &OptionInfo::name) != entry.options.end())
      continue;
    std::string has;
    for (const OptionInfo& option : entry.options) {
      has.append(has.empty() ? ", which has: " : ", ").append(option.name);
    }
    return refused(name, "is no option of " + std::string{entry.name} + has);
  }
  return {};
}

/// The ranges of the options; one that was not given is in its range.
Result<void> check_ranges(const Spec& spec) {
  const auto within = [](const auto& value, auto least, auto most) {
    return !value || (*value >= least && *value <= most);
  };
  if (!within(spec.d, 2, static_cast<std::int64_t>(Choices::kMax))) {
    return refused("d", "must be 2 to 16");
  }
  if (!within(spec.active_request_bias, 0.0, WeightedLeastRequests::kBiasMax)) {
    return refused("active_request_bias", "must be 0 to 4");
  }
  if (!within(spec.decay, Duration{std::chrono::milliseconds{1}}, kHour)) {
    return refused("decay", "must be 1ms to 1h");
  }
  if (!within(spec.penalty, Duration{0}, kHour)) return refused("penalty", "must be 0s to 1h");
  if (!within(spec.quantile, Share{0}, Share{1})) return refused("quantile", "must be 0% to 100%");
  return {};
}

/// Of the policies that build something for their targets.
Result<void> check_tables(const Spec& spec) {
  if (spec.table_size) {
    const std::int64_t size = *spec.table_size;
    if (size < 2 || size > Maglev::kSizeMax || !is_prime(static_cast<std::uint64_t>(size))) {
      return refused("table_size", "must be a prime of 2 to 5000011, as 65537 or 655373");
    }
  }
  if (spec.points && (*spec.points < 1 || *spec.points > RingHash::kPointsMax)) {
    return refused("points", "must be 1 to 10000");
  }
  if (spec.bound && !(*spec.bound >= 1 && *spec.bound <= 100)) {
    return refused("bound", "must be 1 to 100, as 1.25");
  }
  if (spec.spare && !(*spec.spare >= 1 && *spec.spare <= 10)) {
    return refused("spare", "must be 1 to 10");
  }
  constexpr std::int64_t kClientsMax = 100'000;
  if (spec.size && (*spec.size < 1 || *spec.size > kClientsMax)) {
    return refused("size", "must be 1 to 100000");
  }
  const std::int64_t clients = spec.clients.value_or(1);
  if (clients < 1 || clients > kClientsMax) return refused("clients", "must be 1 to 100000");
  if (spec.client && (*spec.client < 0 || *spec.client >= clients)) {
    return refused("client", "must be 0 to " + std::to_string(clients - 1) + ": below clients");
  }
  return {};
}

Result<void> check_surroundings(const Spec& spec) {
  const SlowStartSpec& slow = spec.slow_start;
  if (slow.window < Duration{0} || slow.window > kDay) {
    return refused("slow_start", "must be 0s to 1d");
  }
  if (slow.aggression < 1 || slow.aggression > 10) {
    return refused("slow_start", "needs an aggression of 1 to 10");
  }
  if (!(slow.min.of_one >= 0 && slow.min.of_one <= 1)) {
    return refused("slow_start", "needs a min of 0% to 100%");
  }
  if (!(spec.panic.of_one >= 0 && spec.panic.of_one <= 1)) {
    return refused("panic", "must be 0% to 100%");
  }
  if (spec.stale < Duration{0} || spec.stale > kHour) return refused("stale", "must be 0s to 1h");
  return {};
}

LatencyOptions latency_options(const Spec& spec) {
  return {.decay = spec.decay.value_or(LatencyOptions::kDecayDefault),
          .penalty = spec.penalty.value_or(LatencyOptions::kPenaltyDefault)};
}

std::size_t draws_of(const Spec& spec) { return static_cast<std::size_t>(spec.d.value_or(3)); }

/// Requires: a spec whose policy and options have been checked.
AnyPolicy policy_of(const Spec& spec) {
  if (spec.policy == "round_robin") return RoundRobin{};
  if (spec.policy == "two_choices") return TwoChoices{};
  if (spec.policy == "choices") return Choices{draws_of(spec)};
  if (spec.policy == "random") return RandomChoice{};
  if (spec.policy == "weighted_random") return WeightedRandom{};
  if (spec.policy == "least_requests") return LeastRequests{};
  if (spec.policy == "weighted_least_requests") {
    return WeightedLeastRequests{
        spec.active_request_bias.value_or(WeightedLeastRequests::kBiasDefault)};
  }
  if (spec.policy == "peak_ewma") return PeakEwma{latency_options(spec)};
  if (spec.policy == "least_response_time") return LeastResponseTime{latency_options(spec)};
  if (spec.policy == "weighted_round_robin") return WeightedRoundRobin{};
  if (spec.policy == "ring_hash") {
    return RingHash{
        {.points = static_cast<std::size_t>(spec.points.value_or(RingHash::kPointsDefault)),
         .bound = spec.bound}};
  }
  if (spec.policy == "maglev") {
    return Maglev{static_cast<std::uint64_t>(spec.table_size.value_or(Maglev::kSizeDefault))};
  }
  if (spec.policy == "rendezvous") return Rendezvous{};
  if (spec.policy == "locality") return Locality{spec.spare.value_or(Locality::kSpareDefault)};
  if (spec.policy == "subset") {
    return Subset{{.size = static_cast<std::uint32_t>(spec.size.value_or(20)),
                   .client = static_cast<std::uint32_t>(spec.client.value_or(0)),
                   .clients = static_cast<std::uint32_t>(spec.clients.value_or(1))}};
  }
  return HotCold{{.draws = draws_of(spec),
                  .quantile = spec.quantile.value_or(Share{HotCold::Options::kQuantileDefault}),
                  .latency = latency_options(spec)}};
}

}  // namespace

std::span<const CatalogEntry> catalog() noexcept { return kCatalog; }
std::span<const OptionInfo> common_options() noexcept { return kCommonOptions; }

bool reads_key(const Spec& spec) noexcept {
  const auto entry = std::ranges::find(kCatalog, spec.policy, &CatalogEntry::name);
  return entry != kCatalog.end() &&
         std::ranges::find(entry->options, "key", &OptionInfo::name) != entry->options.end();
}

bool reads_weights(const Spec& spec) noexcept {
  constexpr std::array kReaders{
      std::string_view{"weighted_random"},     std::string_view{"weighted_least_requests"},
      std::string_view{"least_response_time"}, std::string_view{"weighted_round_robin"},
      std::string_view{"ring_hash"},           std::string_view{"maglev"},
      std::string_view{"rendezvous"}};
  return std::ranges::find(kReaders, spec.policy) != kReaders.end();
}

Result<Balancer> make(const Spec& spec) {
  const auto entry = find_entry(kCatalog, "policy", spec.policy);
  if (!entry) return std::unexpected(entry.error());
  for (const Result<void>& checked : {check_known(spec, **entry), check_ranges(spec),
                                      check_tables(spec), check_surroundings(spec)}) {
    if (!checked) return std::unexpected(checked.error());
  }
  return Balancer{spec, policy_of(spec)};
}

}  // namespace headgate::balance
