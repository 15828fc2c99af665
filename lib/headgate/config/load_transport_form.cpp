#include "headgate/config/load_transport_form.hpp"

#include <filesystem>
#include <string>

#include "headgate/config/request_form.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

/// A file that the plan names stands beside the plan.
Form<std::string> pem_file() {
  auto form = any_text();
  form.read = [read = form.read](const Node& node, Reading& reading) -> std::optional<std::string> {
    const auto file = read(node, reading);
    if (!file) return std::nullopt;
    return (std::filesystem::path{reading.file()}.parent_path() / *file).string();
  };
  return form;
}

Form<LoadTls> load_tls() {
  return Object<LoadTls>("what TLS asks for", "{ca: ca.pem}")
      .optional("verify", &LoadTls::verify, boolean(), "the certificate and its name", "true")
      .optional("ca", &LoadTls::ca, pem_file(), "PEM file of roots to trust", "the system's")
      .optional("cert", &LoadTls::cert, pem_file(), "PEM file of a certificate to show (mTLS)")
      .optional("key", &LoadTls::key, pem_file(), "PEM file of its key", "in the file of cert")
      .optional("server_name", &LoadTls::server_name, any_text(), "to ask for and to verify",
                "the URL's host")
      .optional("min_version", &LoadTls::min_version, word({"1.2", "1.3"}), "of TLS", "1.2")
      .optional("resume", &LoadTls::resume, boolean(), "reconnects take up their last session",
                "true")
      .form();
}

}  // namespace

void add_transport(Object<LoadPlan>& plan) {
  const auto http = checked(
      word({"1", "2"}), [](const std::string& version) { return Result<bool>{version == "2"}; });
  plan.optional(
          "http", [](LoadPlan& all) -> bool& { return all.transport.http2; }, http,
          "its version; 2 is spoken from the start (h2c), or agreed on by TLS", "1")
      .optional(
          "streams", [](LoadPlan& all) -> std::uint32_t& { return all.transport.streams; },
          small(1, kStreamsMax), "requests at once on each HTTP/2 connection", "1")
      .optional(
          "source", [](LoadPlan& all) -> auto& { return all.transport.source; },
          list_of(checked(any_text(), parse_source), 1),
          "addresses that connections come from, in turn")
      .optional(
          "proxy_protocol", [](LoadPlan& all) -> auto& { return all.transport.proxy_protocol; },
          checked(word({"v1", "v2"}),
                  [](const std::string& text) { return parse_proxy_protocol(text); }),
          "header ahead of each connection", "none")
      .optional(
          "proxy_clients", [](LoadPlan& all) -> auto& { return all.transport.proxy_clients; },
          checked(any_text(), parse_ipv4_range),
          "network whose addresses the PROXY header names, in turn", "the connection's source")
      .optional(
          "tls", [](LoadPlan& all) -> auto& { return all.transport.tls; }, load_tls(),
          "of https:// and wss:// targets");
}

}  // namespace headgate::config
