// The forms of what a scenario models: services and their faults, clients and what they ask,
// gateways and the network.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "headgate/config/form.hpp"
#include "headgate/config/scenario_config.hpp"

namespace headgate::config {

[[nodiscard]] Form<StationConfig> station();
[[nodiscard]] Form<RequestConfig> request();
[[nodiscard]] Form<ClientsConfig> clients();
[[nodiscard]] Form<GatewaysConfig> gateways();
[[nodiscard]] Form<NetworkConfig> network();
[[nodiscard]] Form<FaultConfig> fault();

/// A count that may be large, of at least `min`.
[[nodiscard]] Form<std::uint64_t> large(std::int64_t min);

/// A value of `form`, or `word` for the absence of one.
template <class T>
[[nodiscard]] Form<std::optional<T>> or_none(std::string word, const Form<T>& form) {
  std::string schema = R"({"anyOf":[{"const":")" + word + R"("},)" + form.schema + "]}";
  using Maybe = std::optional<T>;
  return {[word = std::move(word), read = form.read](const Node& node,
                                                     Reading& reading) -> std::optional<Maybe> {
            if (node.kind == Node::Kind::kScalar && node.text == word) {
              return std::make_optional(Maybe{});
            }
            Maybe value = read(node, reading);
            if (!value) return std::nullopt;
            return std::make_optional(std::move(value));
          },
          std::move(schema)};
}

}  // namespace headgate::config
