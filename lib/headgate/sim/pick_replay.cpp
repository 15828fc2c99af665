#include "headgate/sim/pick_replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/hash.hpp"
#include "headgate/core/text.hpp"
#include "headgate/sim/csv.hpp"

namespace headgate::sim {
namespace {

constexpr std::array<std::string_view, 6> kEvents{"arrival",   "completion", "failure",
                                                  "abandoned", "down",       "up"};

std::unexpected<Error> wrong_event(std::string_view event) {
  const std::string_view near = nearest_word(event, kEvents);
  if (!near.empty()) return wrong_line(fmt::format("event '{}': did you mean '{}'?", event, near));
  return wrong_line(fmt::format("event '{}' is none of {}", event, fmt::join(kEvents, ", ")));
}

}  // namespace

Result<PickReplay> PickReplay::make(const config::BalancePolicy& policy, std::uint64_t seed) {
  std::vector<balance::TargetInfo> infos;
  std::vector<std::string> names;
  for (const config::PolicyTarget& target : policy.targets) {
    infos.push_back(
        {.id = hash64(target.name), .weight = target.weight, .locality = target.locality});
    names.push_back(target.name);
  }
  auto pool = balance::Pool::make(policy.balance, infos);
  if (!pool) return std::unexpected(pool.error());
  return PickReplay{std::move(*pool), std::move(names), seed};
}

PickReplay::PickReplay(balance::Pool pool, std::vector<std::string> names, std::uint64_t seed)
    : pool_(std::move(pool)), names_(std::move(names)), random_(Random::stream(seed, "pick")) {}

std::string_view PickReplay::pick(std::string_view key) {
  const auto target = pool_.pick({.now = TimePoint{}, .key = hash64(key)}, random_);
  return target ? std::string_view{names_[*target]} : kNone;
}

Result<std::optional<std::string_view>> PickReplay::take(std::string_view line) {
  const auto fields = split_csv<4>(line);
  if (!fields) return wrong_line(fmt::format("expected the four fields {}", kHeader));
  const auto& [time, event, id, key] = *fields;
  const auto now = parse_integer(time);
  if (!now) return wrong_line(fmt::format("t_ns '{}' is no whole number of nanoseconds", time));
  if (std::ranges::find(kEvents, event) == kEvents.end()) return wrong_event(event);
  const TimePoint at{Duration{*now}};
  if (event == "arrival") return arrive(at, id, key);
  const Result<void> done =
      event == "down" || event == "up" ? turn(at, event == "up", id) : leave(at, event, id);
  if (!done) return std::unexpected(done.error());
  return std::nullopt;
}

Result<std::optional<std::string_view>> PickReplay::arrive(TimePoint now, std::string_view id,
                                                           std::string_view key) {
  const auto [place, is_new] = requests_.try_emplace(std::string{id});
  if (!is_new) return wrong_line(fmt::format("id '{}' is in flight already", id));
  const auto target = pool_.pick({.now = now, .key = hash64(unquoted(key, scratch_))}, random_);
  if (!target) return kNone;
  place->second = InFlight{.target = *target, .since = now};
  return names_[*target];
}

Result<void> PickReplay::leave(TimePoint now, std::string_view event, std::string_view id) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return wrong_line(fmt::format("id '{}' is not in flight", id));
  const std::optional<InFlight> request = found->second;
  if (request && request->since > now) {
    return wrong_line(fmt::format("id '{}' would leave before it arrived, at {} ns", id,
                                  request->since.time_since_epoch().count()));
  }
  requests_.erase(found);
  if (!request) return {};
  if (event == "abandoned") {
    pool_.release(request->target);
  } else {
    pool_.done(request->target, {.latency = now - request->since, .failed = event == "failure"},
               now);
  }
  return {};
}

Result<void> PickReplay::turn(TimePoint now, bool up, std::string_view name) {
  const auto found = std::ranges::find(names_, unquoted(name, scratch_));
  if (found == names_.end()) return wrong_line(fmt::format("no target is called '{}'", name));
  pool_.set_healthy(static_cast<std::size_t>(found - names_.begin()), up, now);
  return {};
}

}  // namespace headgate::sim
