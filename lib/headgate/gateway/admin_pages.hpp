// What the admin listener shows: the counters of all workers, added up, for Prometheus and for
// people, and the config with every default filled in.
#pragma once

#include <string>
#include <string_view>

#include "headgate/config/gateway_config.hpp"
#include "headgate/gateway/gateway.hpp"

namespace headgate::gateway {

struct Page {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// The answer to `GET path`: /metrics, /healthz, /readyz, /stats, /config, else 404.
[[nodiscard]] Page admin_page(Gateway& gateway, std::string_view path);

/// Prometheus text exposition format 0.0.4. Labels are names from the config and words of ours,
/// never anything that clients send: the number of series is fixed when the gateway starts.
[[nodiscard]] std::string metrics_text(Gateway& gateway);

/// JSON, for people and scripts.
[[nodiscard]] std::string stats_json(Gateway& gateway);

/// The config as JSON in the words of the document.
[[nodiscard]] std::string config_json(const config::GatewayConfig& config);

}  // namespace headgate::gateway
