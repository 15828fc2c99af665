#include "transport_flags.hpp"

#include <optional>
#include <string>
#include <vector>

namespace headgate::loadgen {
namespace {

struct TransportFlags {
  bool http2 = false;
  std::optional<std::uint32_t> streams;
  std::vector<std::string> source;
  std::string proxy_protocol;
  std::string proxy_clients;
  bool insecure = false;
  std::string cacert;
  std::string cert;
  std::string key;
  std::string sni;
};

TransportFlags& transport_flags() {
  static TransportFlags flags;
  return flags;
}

Result<void> set_proxy(const TransportFlags& flags, config::LoadTransport& transport) {
  if (!flags.proxy_protocol.empty()) {
    const auto version = config::parse_proxy_protocol(flags.proxy_protocol);
    if (!version) return std::unexpected(version.error());
    transport.proxy_protocol = *version;
  }
  if (flags.proxy_clients.empty()) return {};
  const auto clients = config::parse_ipv4_range(flags.proxy_clients);
  if (!clients) return std::unexpected(clients.error());
  transport.proxy_clients = *clients;
  return {};
}

void set_tls(const TransportFlags& flags, config::LoadTls& tls) {
  if (flags.insecure) tls.verify = false;
  if (!flags.cacert.empty()) tls.ca = flags.cacert;
  if (!flags.cert.empty()) tls.cert = flags.cert;
  if (!flags.cert.empty() || !flags.key.empty()) tls.key = flags.key;
  if (!flags.sni.empty()) tls.server_name = flags.sni;
}

}  // namespace

void add_transport_flags(CLI::App& command) {
  TransportFlags& set = transport_flags();
  const std::string group = "Transport";
  command.add_flag("--http2", set.http2, "HTTP/2: agreed on by TLS, or from the first byte (h2c)")
      ->group(group);
  command.add_option("--streams", set.streams, "requests at once on each HTTP/2 connection")
      ->check(CLI::Range(std::int64_t{1}, config::kStreamsMax))
      ->group(group);
  command
      .add_option("--source", set.source, "address that connections come from; repeated: in turn")
      ->group(group);
  command.add_option("--proxy-protocol", set.proxy_protocol, "v1 or v2: header of each connection")
      ->group(group);
  command
      .add_option("--proxy-clients", set.proxy_clients,
                  "network of clients that the header names, such as 10.1.0.0/16")
      ->group(group);
  command.add_flag("-k,--insecure", set.insecure, "https: take any certificate")->group(group);
  command.add_option("--cacert", set.cacert, "https: PEM file of roots to trust")->group(group);
  command.add_option("--cert", set.cert, "https: PEM file of a certificate to show")->group(group);
  command.add_option("--key", set.key, "its key (default: in the same file)")->group(group);
  command.add_option("--sni", set.sni, "https: name to ask for and to verify, not the URL's")
      ->group(group);
}

Result<void> apply_transport_flags(config::LoadPlan& plan) {
  const TransportFlags& flags = transport_flags();
  if (flags.http2) plan.transport.http2 = true;
  if (flags.streams) plan.transport.streams = *flags.streams;
  if (!flags.source.empty()) plan.transport.source.clear();
  for (const std::string& text : flags.source) {
    auto source = config::parse_source(text);
    if (!source) return std::unexpected(source.error());
    plan.transport.source.push_back(*std::move(source));
  }
  set_tls(flags, plan.transport.tls);
  return set_proxy(flags, plan.transport);
}

}  // namespace headgate::loadgen
