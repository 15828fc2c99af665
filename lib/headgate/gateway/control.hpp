// The control thread of a gateway: starts it, runs the admin listener, and turns signals into an
// orderly end.
#pragma once

#include <functional>
#include <string>

#include "headgate/config/gateway_config.hpp"
#include "headgate/core/result.hpp"

namespace headgate::gateway {

/// Runs a gateway until SIGTERM or SIGINT and lets it drain: no new connections, /readyz says 503,
/// requests at work are answered, log and stores are written out. A second signal ends the process
/// at once, by that signal.
/// `ready` is called once, with `ready http=127.0.0.1:8080 admin=127.0.0.1:9901`, when every
/// listener accepts. Fails with the error that kept it from starting, or that of the last flush.
[[nodiscard]] Result<void> run(config::GatewayConfig config,
                               const std::function<void(const std::string&)>& ready);

}  // namespace headgate::gateway
