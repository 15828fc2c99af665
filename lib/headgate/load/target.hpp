// A target made ready to run: where it is, how it is reached and what it speaks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "headgate/config/load_plan.hpp"
#include "headgate/core/result.hpp"
#include "headgate/net/transport.hpp"

namespace headgate::load {

enum class Protocol : std::uint8_t { kHttp1, kHttp2, kWebSocket };

struct Target {
  std::string name;  ///< its URL
  Protocol protocol = Protocol::kHttp1;
  std::shared_ptr<const net::Transport> transport;  ///< shared by all threads
  std::uint32_t pipeline = 1;  ///< requests that one connection may carry at once
  std::string handshake = {};  ///< of a WebSocket: the upgrade request but for its key and its end
  std::uint64_t requests_per_connection = 0;  ///< then it is closed; 0: it stays
};

/// The targets of `plan`, in order. Resolves names (may block) and reads the files of TLS. Fails
/// with kInvalidArgument for what cannot be used and with kUnavailable for a host that is not
/// known.
[[nodiscard]] Result<std::vector<Target>> make_targets(const config::LoadPlan& plan);

/// Requests under way at once on each connection: pipelined, or HTTP/2 streams.
[[nodiscard]] std::uint32_t requests_at_once(const config::LoadPlan& plan) noexcept;

}  // namespace headgate::load
