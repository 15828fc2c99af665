// How a load plan reaches its targets: the protocol, source addresses, the PROXY header, TLS.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::config {

/// Of `https://` and `wss://` targets.
struct LoadTls {
  bool verify = true;
  std::string ca;           ///< PEM file of roots; empty: the system's
  std::string cert;         ///< PEM file to show; empty: none
  std::string key;          ///< of `cert`; empty: in the same file
  std::string server_name;  ///< to ask for and to verify; empty: the URL's host
  std::string min_version;  ///< "1.2" or "1.3"; empty: 1.2
  bool resume = true;       ///< a reconnect takes up the session of before
};

/// IPv4 addresses in a row, as a network is written: 10.1.0.0/16.
struct Ipv4Range {
  std::uint32_t first = 0;  ///< 0x0a010000
  std::uint32_t count = 0;  ///< 65536; zero: no range
  friend bool operator==(const Ipv4Range&, const Ipv4Range&) = default;
};

enum class ProxyProtocol : std::uint8_t { kNone, kV1, kV2 };

struct LoadTransport {
  bool http2 = false;
  std::uint32_t streams = 1;        ///< requests at once on each HTTP/2 connection
  std::vector<std::string> source;  ///< literal addresses of this machine, bound in turn
  ProxyProtocol proxy_protocol = ProxyProtocol::kNone;
  Ipv4Range proxy_clients;  ///< whom the PROXY header names; none: the connection's source
  LoadTls tls;
};

/// Streams of one HTTP/2 connection at most; a server allows 100 or so unless told otherwise.
inline constexpr std::int64_t kStreamsMax = 10'000;

// Each fails with kInvalidArgument; `why` shows the right form.

/// An IPv4 or IPv6 address without a port: `127.0.0.2`, `::1`.
[[nodiscard]] Result<std::string> parse_source(std::string_view text);
/// `v1` or `v2`.
[[nodiscard]] Result<ProxyProtocol> parse_proxy_protocol(std::string_view text);
/// `10.1.0.0/16`; of /8 to /32.
[[nodiscard]] Result<Ipv4Range> parse_ipv4_range(std::string_view text);

}  // namespace headgate::config
