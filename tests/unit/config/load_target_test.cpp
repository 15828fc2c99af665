// The URLs of targets, and how a plan says that they are reached.
#include <catch2/catch.hpp>

#include "headgate/config/load_plan.hpp"

namespace headgate::config {
namespace {

std::string all_of(const Loaded<LoadPlan>& loaded) {
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

Loaded<LoadPlan> with(const std::string& keys) {
  return load_plan_text("targets: [{url: \"https://a/\"}]\n" + keys, "dir/plan.yaml");
}

TEST_CASE("load target: each scheme has its port, and Host names any other") {
  const auto host = [](const char* url) { return host_field(parse_target(url).value()); };
  CHECK(host("http://a/") == "a");
  CHECK(host("https://a/") == "a");
  CHECK(host("https://a:80/") == "a:80");
  CHECK(host("wss://[::1]/x") == "[::1]");
  CHECK(host("ws://[::1]:81/x") == "[::1]:81");
  CHECK(host("unix:/run/a.sock") == "localhost");
  CHECK(parse_target("https://a/").value().address.port == 443);
  CHECK(parse_target("wss://a/").value().scheme == LoadScheme::kWss);
}

TEST_CASE("load target: a Unix socket may be followed by a path") {
  const LoadTarget alone = parse_target("unix:/run/a.sock").value();
  CHECK((alone.socket == "/run/a.sock" && alone.path == "/"));
  const LoadTarget with_path = parse_target("unix:/run/a.sock:/orders?x=1").value();
  CHECK((with_path.socket == "/run/a.sock" && with_path.path == "/orders?x=1"));
  for (const std::string wrong : {"unix:", "unix:a.sock", "unix:/a.sock:/b c", "ftp://a/"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_target(wrong));
  }
  CHECK_FALSE(parse_target("unix:/" + std::string(107, 'x')));
}

TEST_CASE("load transport: every key reaches its place, files beside the plan") {
  const auto loaded = with(
      "http: 2\nstreams: 10\nsource: [127.0.0.2, \"::1\"]\nproxy_protocol: v2\n"
      "proxy_clients: 10.1.2.3/16\n"
      "tls: {verify: false, ca: root.pem, cert: c.pem, key: /k.pem, server_name: b,\n"
      "      min_version: \"1.3\", resume: false}\n");
  REQUIRE(all_of(loaded).empty());
  const LoadTransport& transport = loaded.value.transport;
  CHECK(transport.http2);
  CHECK(transport.streams == 10);
  CHECK(transport.source == std::vector<std::string>{"127.0.0.2", "::1"});
  CHECK(transport.proxy_protocol == ProxyProtocol::kV2);
  CHECK(transport.proxy_clients == Ipv4Range{.first = 0x0a010000, .count = 65'536});
  CHECK_FALSE(transport.tls.verify);
  CHECK(transport.tls.ca == "dir/root.pem");
  CHECK(transport.tls.cert == "dir/c.pem");
  CHECK(transport.tls.key == "/k.pem");
  CHECK(transport.tls.server_name == "b");
  CHECK(transport.tls.min_version == "1.3");
  CHECK_FALSE(transport.tls.resume);
}

TEST_CASE("load transport: what cannot be is an error at its place") {
  CHECK(all_of(with("http: 3\n")).contains("plan.yaml:2:7"));
  CHECK(all_of(with("source: [localhost]\n")).contains("must be an address of this machine"));
  CHECK(all_of(with("proxy_clients: 10.0.0.0/7\n")).contains("must be a network"));
  CHECK(all_of(with("proxy_protocol: v3\n")).contains("v1"));
  CHECK(all_of(with("tls: {cacert: a.pem}\n")).contains("cacert"));
  CHECK(all_of(with("streams: 0\n")).contains("plan.yaml:2:10"));
}

}  // namespace
}  // namespace headgate::config
