#include "headgate/sim/shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headgate/core/text.hpp"
#include "headgate/sim/sums_json.hpp"

namespace headgate::sim {
namespace {

using report::Json;

constexpr std::string_view kFormat = "headgate.sim-part/1";

// The replications of point `number` that belong to the shard.
ReplicationRange range_of(const Shard& shard, std::size_t points, std::size_t replications,
                          std::size_t number) {
  const std::size_t work = points * replications;
  const std::size_t begin = work * (shard.index - 1) / shard.count;
  const std::size_t end = work * shard.index / shard.count;
  const std::size_t low = std::clamp(begin, number * replications, (number + 1) * replications);
  const std::size_t high = std::clamp(end, number * replications, (number + 1) * replications);
  return {.first = low - number * replications, .count = high - low};
}

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

Json part_json(const config::Scenario& scenario, const std::vector<config::Setting>& settings,
               const Shard& shard) {
  Json set = Json::array();
  for (const config::Setting& setting : settings) set.push_back({setting.path, setting.value});
  return {{"format", kFormat},      {"shard", shard.index},
          {"shards", shard.count},  {"scenario", scenario.file},
          {"set", std::move(set)},  {"fingerprint", hex(scenario.fingerprint())},
          {"points", Json::array()}};
}

// Parts by the number of their shard; each is there once and of this scenario.
Result<std::vector<const Json*>> in_order(const config::Scenario& scenario,
                                          std::span<const Json> parts) {
  std::vector<const Json*> ordered;
  for (const Json& part : parts) {
    if (auto origin = origin_of(part); !origin) return std::unexpected(origin.error());
    const std::string name = fmt::format("part {}/{}", part.at("shard").get<std::uint64_t>(),
                                         part.at("shards").get<std::uint64_t>());
    if (part.at("fingerprint") != hex(scenario.fingerprint())) {
      return failed(Errc::kInvalidArgument, name, "is not of this scenario as it stands now");
    }
    const auto shard = part.at("shard").get<std::size_t>();
    const auto shards = part.at("shards").get<std::size_t>();
    if (ordered.empty()) ordered.resize(shards);
    if (shards != ordered.size() || shard < 1 || shard > shards) {
      return failed(Errc::kInvalidArgument, name,
                    fmt::format("does not fit to others, of which there are {}", ordered.size()));
    }
    if (ordered[shard - 1] != nullptr) {
      return failed(Errc::kInvalidArgument, name, "is there twice");
    }
    ordered[shard - 1] = &part;
  }
  const auto missing = std::ranges::find(ordered, nullptr);
  if (missing == ordered.end()) return ordered;
  return failed(Errc::kInvalidArgument,
                fmt::format("part {}/{}", missing - ordered.begin() + 1, ordered.size()),
                "is missing");
}

Result<void> join_part(const Json& part, std::vector<PointResult>& points) {
  for (const Json& entry : part.at("points")) {
    const auto number = entry.value("point", points.size());
    if (number >= points.size()) return failed(Errc::kCorrupt, "points", "has an unknown point");
    PointResult& point = points[number];
    if (entry.contains("warmup")) {
      auto warmup = parse_warmup(entry.at("warmup"));
      if (!warmup) return std::unexpected(warmup.error());
      point.set_warmup(std::move(*warmup));
    }
    const auto sums = parse_sums(entry.at("sums"), point);
    if (!sums) return std::unexpected(sums.error());
    point.join(*sums);
  }
  return {};
}

}  // namespace

Result<Shard> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  const auto index = parse_count(text.substr(0, slash));
  const auto count = slash == std::string_view::npos ? index : parse_count(text.substr(slash + 1));
  constexpr std::int64_t kShardsMax = 1'000'000;
  if (slash == std::string_view::npos || !index || !count || *index < 1 || *index > *count ||
      *count > kShardsMax) {
    return failed(Errc::kInvalidArgument, std::string{text},
                  "must be PART/PARTS, as in 3/16; parts count from 1");
  }
  return Shard{.index = static_cast<std::uint32_t>(*index),
               .count = static_cast<std::uint32_t>(*count)};
}

Result<Json> run_shard(const config::Scenario& scenario,
                       const std::vector<config::Setting>& settings, const Shard& shard,
                       const ExperimentOptions& options) {
  auto points = start_points(scenario);
  if (!points) return std::unexpected(points.error());
  const config::RunConfig& run = scenario.base().run;
  for (const config::ScenarioPoint& point : scenario.points) {
    if (point.scenario.run.precision) {
      return failed(Errc::kInvalidConfig, "run.precision",
                    "decides as it goes how much work there is, which shards cannot share; give "
                    "run.jobs and run.replications instead");
    }
    if (point.scenario.run.replications != run.replications) {
      return failed(Errc::kInvalidConfig, "sweep", "shards need equal run.replications everywhere");
    }
  }
  Json part = part_json(scenario, settings, shard);
  for (std::size_t i = 0; i < points->size(); ++i) {
    const ReplicationRange range = range_of(shard, points->size(), run.replications, i);
    if (range.count == 0) continue;
    PointResult& point = (*points)[i];
    if (!run_part(point, scenario.points[i].scenario.run, range, options)) {
      return failed(Errc::kTimeout, "shard", "was interrupted; nothing is written");
    }
    Json entry{{"point", i}};
    if (const auto& warmup = point.warmup()) entry["warmup"] = warmup_parts_json(*warmup);
    entry["sums"] = sums_json(point.sums());
    part["points"].push_back(std::move(entry));
  }
  return part;
}

Result<PartOrigin> origin_of(const Json& part) {
  try {
    if (part.at("format") != kFormat) {
      return failed(Errc::kCorrupt, "format", fmt::format("is not {}", kFormat));
    }
    PartOrigin origin{.file = part.at("scenario").get<std::string>(), .settings = {}};
    for (const Json& setting : part.at("set")) {
      origin.settings.push_back(
          {setting.at(0).get<std::string>(), setting.at(1).get<std::string>()});
    }
    return origin;
  } catch (const Json::exception&) {
    return failed(Errc::kCorrupt, "part", fmt::format("is no {} document", kFormat));
  }
}

Result<Results> join_parts(const config::Scenario& scenario, std::span<const Json> parts) try {
  auto points = start_points(scenario);
  if (!points) return std::unexpected(points.error());
  const auto ordered = in_order(scenario, parts);
  if (!ordered) return std::unexpected(ordered.error());
  for (const Json* part : *ordered) {
    if (auto joined = join_part(*part, *points); !joined) return std::unexpected(joined.error());
  }
  for (const PointResult& point : *points) {
    if (point.replications() != scenario.base().run.replications) {
      return failed(Errc::kCorrupt, "parts", "do not hold every replication");
    }
  }
  return conclude(scenario, std::move(*points), false);
} catch (const Json::exception& error) {
  return failed(Errc::kCorrupt, "part", error.what());
}

}  // namespace headgate::sim
