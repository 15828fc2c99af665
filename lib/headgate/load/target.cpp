#include "headgate/load/target.hpp"

#include <utility>

namespace headgate::load {
namespace {

using config::LoadScheme;
using config::LoadTarget;
using config::LoadTransport;

bool is_secure(const LoadTarget& target) noexcept {
  return target.scheme == LoadScheme::kHttps || target.scheme == LoadScheme::kWss;
}

Result<net::Address> address_of(const LoadTarget& target) {
  if (target.scheme == LoadScheme::kUnix) return net::Address::local(target.socket);
  return net::Address::resolve(target.address.host, target.address.port);
}

net::ProxyVersion proxy_of(config::ProxyProtocol version) noexcept {
  switch (version) {
    case config::ProxyProtocol::kNone:
      break;
    case config::ProxyProtocol::kV1:
      return net::ProxyVersion::kV1;
    case config::ProxyProtocol::kV2:
      return net::ProxyVersion::kV2;
  }
  return net::ProxyVersion::kNone;
}

/// Those of `sources` that can reach `address`; none for a Unix socket.
Result<std::vector<net::Address>> sources_of(const std::vector<std::string>& sources,
                                             const net::Address& address,
                                             const LoadTarget& target) {
  std::vector<net::Address> usable;
  if (address.is_local()) return usable;
  for (const std::string& source : sources) {
    const auto known = net::Address::resolve(source, 0);
    if (!known) return std::unexpected(known.error());
    if (known->family() == address.family()) usable.push_back(*known);
  }
  if (usable.empty() && !sources.empty()) {
    return failed(Errc::kInvalidArgument, target.url,
                  "no source is of its family: IPv4 and IPv6 do not reach each other");
  }
  return usable;
}

Result<std::shared_ptr<const net::TlsContext>> tls_of(const LoadTransport& transport, bool http2) {
  const config::LoadTls& tls = transport.tls;
  return net::TlsContext::client({.verify = tls.verify,
                                  .ca = tls.ca,
                                  .cert = tls.cert,
                                  .key = tls.key,
                                  .min_version = tls.min_version,
                                  .alpn = {http2 ? "h2" : "http/1.1"},
                                  .resume = tls.resume});
}

bool is_web_socket(const LoadTarget& target) noexcept {
  return target.scheme == LoadScheme::kWs || target.scheme == LoadScheme::kWss;
}

Protocol protocol_of(const LoadTarget& target, const LoadTransport& transport) noexcept {
  if (is_web_socket(target)) return Protocol::kWebSocket;
  return transport.http2 ? Protocol::kHttp2 : Protocol::kHttp1;
}

/// RFC 6455 section 4.1, with the fields of the plan's first request: a token, say.
std::string handshake_of(const LoadTarget& target, const config::LoadPlan& plan) {
  std::string text = "GET " + target.path + " HTTP/1.1\r\nHost: " + config::host_field(target) +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\n";
  if (plan.requests.empty()) return text;
  for (const auto& [name, value] : plan.requests.front().headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  return text;
}

Result<Target> make_target(const LoadTarget& target, const LoadTransport& transport) {
  const Protocol protocol = protocol_of(target, transport);
  if (protocol == Protocol::kWebSocket && transport.http2) {
    return failed(Errc::kInvalidArgument, target.url, "a WebSocket is spoken over HTTP/1.1");
  }
  const auto address = address_of(target);
  if (!address) return std::unexpected(address.error());
  auto sources = sources_of(transport.source, *address, target);
  if (!sources) return std::unexpected(sources.error());
  net::Transport::Options options{
      .address = *address,
      .sources = *std::move(sources),
      .proxy = proxy_of(transport.proxy_protocol),
      .clients = {.first = transport.proxy_clients.first, .count = transport.proxy_clients.count},
      .server_name =
          transport.tls.server_name.empty() ? target.address.host : transport.tls.server_name};
  if (is_secure(target)) {
    auto tls = tls_of(transport, transport.http2);
    if (!tls) return std::unexpected(tls.error());
    options.tls = *std::move(tls);
  }
  return Target{.name = target.url,
                .protocol = protocol,
                .transport = std::make_shared<const net::Transport>(std::move(options))};
}

}  // namespace

Result<std::vector<Target>> make_targets(const config::LoadPlan& plan) {
  std::vector<Target> targets;
  targets.reserve(plan.targets.size());
  for (const LoadTarget& target : plan.targets) {
    auto made = make_target(target, plan.transport);
    if (!made) return std::unexpected(made.error());
    made->pipeline = requests_at_once(plan);
    if (is_web_socket(target)) made->handshake = handshake_of(target, plan);
    made->requests_per_connection = plan.requests_per_connection;
    targets.push_back(*std::move(made));
  }
  return targets;
}

std::uint32_t requests_at_once(const config::LoadPlan& plan) noexcept {
  return plan.transport.http2 ? plan.transport.streams : plan.pipeline;
}

}  // namespace headgate::load
