// What guards a service, as the page /config writes it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "headgate/config/gateway_config.hpp"

namespace headgate::gateway {

/// Adds `breaker`, `outlier`, `retry`, `concurrency` and `throttle` to `json`, as far as `service`
/// has them, in the words of the config with every option spelled out.
void add_guards(nlohmann::ordered_json& json, const config::ServiceConfig& service);

}  // namespace headgate::gateway
