// How the load generator reaches its targets, against servers that are not ours: TLS with a real
// nginx, who is trusted and who is not, Unix sockets, source addresses, the PROXY protocol.
#include <openssl/ssl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <sstream>

#include "support/certificates.hpp"
#include "support/loadgen.hpp"
#include "support/nginx.hpp"
#include "support/socket_server.hpp"

namespace headgate::test {
namespace {

/// Port 0: TLS; 1: TLS that asks for a certificate; 2: an expired one; 3: PROXY protocol; 4: plain.
struct Servers {
  Certificates certificates;
  Nginx nginx{config(), 5};

  [[nodiscard]] std::string config() const {
    const auto shows = [this](const std::string& name) {
      return "ssl_certificate " + certificates.file(name + ".pem") + "; ssl_certificate_key " +
             certificates.file(name + ".key") + "; ";
    };
    return "log_format who '$proxy_protocol_addr $remote_addr $ssl_session_reused';\n"
           "server { listen 127.0.0.1:$PORT0 ssl; access_log $DIR/tls.log who; " +
           shows("server") + "return 200 ok; }\nserver { listen 127.0.0.1:$PORT1 ssl; " +
           shows("server") +
           "ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on; ssl_client_certificate " +
           certificates.file("root.pem") +
           "; return 200 ok; }\nserver { listen 127.0.0.1:$PORT2 ssl; " + shows("expired") +
           "return 200 ok; }\n"
           "server { listen 127.0.0.1:$PORT3 proxy_protocol; access_log $DIR/proxy.log who; "
           "return 200 ok; }\n"
           "server { listen 127.0.0.1:$PORT4; access_log $DIR/plain.log who; return 200 ok; }\n";
  }
  [[nodiscard]] std::string tls(std::size_t port = 0) const {
    return "https://" + nginx.address(port) + "/";
  }
  [[nodiscard]] std::string root() const { return certificates.file("root.pem"); }
};

LoadResult twenty(const std::string& url, const Argv& flags = {}) {
  Argv argv{"--url", url, "-n", "20", "-c", "4"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return run_load(argv);
}

void check_ok(const LoadResult& result) {
  CAPTURE(result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 20);
  CHECK(result.total("ok") == 20);
}

void check_unreachable(const LoadResult& result, const std::string& why) {
  CAPTURE(result.ended.err);
  CHECK(result.ended.exit_code == 5);
  CHECK(result.ended.err.contains(why));
}

/// The words at `column` of each line.
std::vector<std::string> words_of(const std::string& file, std::size_t column) {
  std::vector<std::string> words;
  std::istringstream text{read_file(file)};
  for (std::string line; std::getline(text, line);) {
    std::istringstream parts{line};
    std::string word;
    for (std::size_t i = 0; i <= column; ++i) parts >> word;
    words.push_back(word);
  }
  return words;
}

TEST_CASE("transport: a certificate is verified, chain, name and date, unless told not to") {
  const Servers servers;
  check_ok(twenty(servers.tls(), {"--cacert", servers.root()}));
  check_ok(twenty(servers.tls(), {"--insecure"}));
  const auto refused = [&](const std::string& url, const Argv& flags, const std::string& why) {
    const LoadResult result = twenty(url, flags);
    check_unreachable(result, why);
    CHECK(result.ended.err.contains("--cacert FILE"));
    CHECK(result.ended.err.contains("--insecure"));
  };
  refused(servers.tls(), {}, "unable to get local issuer certificate");
  refused(servers.tls(), {"--cacert", servers.root(), "--sni", "other.test"}, "ostname mismatch");
  refused(servers.tls(2), {"--cacert", servers.root()}, "certificate has expired");
  check_ok(twenty(servers.tls(2), {"-k"}));
  check_ok(twenty(servers.tls(), {"--cacert", servers.root(), "--sni", "localhost"}));
}

TEST_CASE("transport: a server that asks for a certificate gets it") {
  const Servers servers;
  const LoadResult without = twenty(servers.tls(1), {"--cacert", servers.root()});
  REQUIRE(without.json.is_object());
  CHECK(without.json["statuses"]["400"] == 20);  // nginx: "No required SSL certificate was sent"
  check_ok(twenty(servers.tls(1),
                  {"--cacert", servers.root(), "--cert", servers.certificates.file("client.pem"),
                   "--key", servers.certificates.file("client.key")}));
}

TEST_CASE("transport: a plan says all of TLS, its files beside it") {
  const Servers servers;
  const std::string dir = servers.root().substr(0, servers.root().rfind('/'));
  const TempDir folder;
  const std::string plan = folder.write(
      "plan.yaml", "targets: [{url: \"" + servers.tls(1) + "\"}]\ncount: 20\n" +
                       "tls: {ca: " + dir + "/root.pem, cert: " + dir + "/client.pem, key: " + dir +
                       "/client.key, server_name: localhost, min_version: 1.3}\n");
  check_ok(run_load({"--plan", plan}));
}

TEST_CASE("transport: reconnects take up their session") {
  const Servers servers;
  const Argv flags{"--cacert", servers.root(), "--requests-per-connection", "1"};
  check_ok(twenty(servers.tls(), flags));
  const auto reused = words_of(servers.nginx.file("tls.log"), 2);
  // All but the first of each of the four clients.
  CHECK(std::ranges::count(reused, "r") == 16);
}

TEST_CASE("transport: what speaks no TLS, or is no certificate, is named") {
  const Servers servers;
  check_unreachable(twenty("https://" + servers.nginx.address(4) + "/", {"-k"}),
                    "the peer does not speak TLS");
  const LoadResult no_file = twenty(servers.tls(), {"--cacert", "/nowhere/root.pem"});
  CHECK(no_file.ended.exit_code == 2);
  CHECK(no_file.ended.err.contains("/nowhere/root.pem: no certificate can be read from it"));
  const LoadResult no_cert = twenty(servers.tls(), {"-k", "--key", servers.root()});
  CHECK(no_cert.ended.exit_code == 2);
  CHECK(no_cert.ended.err.contains("a key is no use without its certificate"));
}

TEST_CASE("transport: connections come from the sources in turn") {
  const Servers servers;
  check_ok(
      twenty("http://" + servers.nginx.address(4) + "/",
             {"--source", "127.0.0.2", "--source", "127.0.0.3", "--requests-per-connection", "1"}));
  const auto from = words_of(servers.nginx.file("plain.log"), 1);
  CHECK(std::ranges::count(from, "127.0.0.2") == 10);
  CHECK(std::ranges::count(from, "127.0.0.3") == 10);
  const LoadResult wrong = twenty("http://127.0.0.1:1/", {"--source", "nobody"});
  CHECK(wrong.ended.exit_code == 2);
  CHECK(wrong.ended.err.contains("must be an address of this machine"));
  check_unreachable(twenty("http://" + servers.nginx.address(4) + "/", {"--source", "192.0.2.1"}),
                    "cannot assign requested address");
}

TEST_CASE("transport: the PROXY header names the source, or the clients that it is told to") {
  const Servers servers;
  const std::string url = "http://" + servers.nginx.address(3) + "/";
  check_ok(twenty(url, {"--proxy-protocol", "v1", "--source", "127.0.0.9"}));
  check_ok(twenty(url, {"--proxy-protocol", "v2", "--proxy-clients", "10.1.2.0/30"}));
  const auto named = words_of(servers.nginx.file("proxy.log"), 0);
  REQUIRE(named.size() == 40);
  CHECK(std::ranges::count(named, "127.0.0.9") == 20);
  // Four connections, four addresses.
  for (const std::string client : {"10.1.2.0", "10.1.2.1", "10.1.2.2", "10.1.2.3"}) {
    CHECK(std::ranges::count(named, client) > 0);
  }
  CHECK(twenty(url, {"--proxy-protocol", "v3"}).ended.exit_code == 2);
  CHECK(twenty(url, {"--proxy-clients", "10.1.2.0"}).ended.exit_code == 2);
}

TEST_CASE("transport: a Unix socket is a target, and serve listens on one") {
  const TempDir folder;
  const std::string socket = "unix:" + folder.path() + "/serve.sock";
  {
    Process serve{{command("loadgen"), "serve", "--bind", socket}};
    CHECK(serve.ready("http") == socket);
    check_ok(twenty(socket));
    check_ok(twenty(socket + ":/orders?page=2"));
    serve.signal(SIGKILL);
    static_cast<void>(serve.wait());
  }
  check_unreachable(twenty(socket), "connection refused");
  // The socket that was left behind makes way.
  Process serve{{command("loadgen"), "serve", "--bind", socket}};
  CHECK(serve.ready("http") == socket);
  serve.signal(SIGTERM);
  CHECK(serve.wait().err.starts_with("served 0 requests"));
  check_unreachable(twenty(socket), "no such file or directory");
}

TEST_CASE("transport: serve speaks TLS with a certificate, and says what is wrong with it") {
  const Certificates certificates;
  const Argv identity{"--cert", certificates.file("server.pem"), "--key",
                      certificates.file("server.key")};
  const auto serve = [](const Argv& flags) {
    Argv argv{command("loadgen"), "serve", "--bind", "127.0.0.1:0", "--size", "100KiB"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return argv;
  };
  Process server{serve(identity)};
  const std::string url = "https://" + server.ready("https") + "/";
  const Argv trust{"--cacert", certificates.file("root.pem")};
  const LoadResult result = twenty(url, trust);
  check_ok(result);
  CHECK(result.json["bytes_received"] > 20 * 100 * 1024);
  // And to a client that is not ours.
  CHECK(run({"openssl", "s_client", "-connect", url.substr(8, url.size() - 9), "-CAfile",
             certificates.file("root.pem"), "-verify_return_error", "-alpn", "http/1.1"})
            .out.contains("ALPN protocol: http/1.1"));
  check_unreachable(twenty(url), "unable to get local issuer certificate");
  const Ended no_key = run(serve({"--cert", certificates.file("server.pem")}));
  CHECK(no_key.exit_code == 2);
  CHECK(no_key.err.contains("no private key of the certificate can be read from it"));
  const Ended no_cert = run(serve({"--key", certificates.file("server.key")}));
  CHECK(no_cert.exit_code == 2);
  CHECK(no_cert.err.contains("a key is no use without its certificate"));
  server.signal(SIGTERM);
  CHECK(server.wait().err.starts_with("served 20 requests"));
}

/// Answers each request over TLS, the first `sound` connections as one that is trusted, the others
/// with a certificate that has expired.
class FadingServer {
 public:
  FadingServer(const Certificates& certificates, std::uint64_t sound)
      : sound_{sound},
        trusted_{context(certificates, "server")},
        expired_{context(certificates, "expired")} {
    signal(SIGPIPE, SIG_IGN);
  }
  [[nodiscard]] std::string url() const { return "https://" + server_.address() + "/"; }

 private:
  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

  static Context context(const Certificates& certificates, const std::string& name) {
    Context made{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
    const std::string cert = certificates.file(name + ".pem");
    const std::string key = certificates.file(name + ".key");
    REQUIRE(SSL_CTX_use_certificate_chain_file(made.get(), cert.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(made.get(), key.c_str(), SSL_FILETYPE_PEM) == 1);
    return made;
  }

  void serve(int fd) {
    const Context& shown = ++served_ <= sound_ ? trusted_ : expired_;
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(shown.get()), &SSL_free};
    SSL_set_fd(ssl.get(), fd);
    if (SSL_accept(ssl.get()) != 1) return;
    std::array<char, 4096> request{};
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    while (SSL_read(ssl.get(), request.data(), static_cast<int>(request.size())) > 0) {
      SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
    }
  }

  std::uint64_t sound_;
  std::atomic<std::uint64_t> served_ = 0;
  Context trusted_;
  Context expired_;
  SocketServer server_{[this](int fd) { serve(fd); }};
};

TEST_CASE("transport: trust that is lost in mid-run is counted, and its reason told") {
  const Certificates certificates;
  const FadingServer server{certificates, 5};
  const TempDir folder;
  const std::string file = folder.path() + "/result.json";
  const Ended ended = run({command("loadgen"), "run", "--url", server.url(), "--cacert",
                           certificates.file("root.pem"), "-n", "10", "-c", "1",
                           "--requests-per-connection", "1", "--json", file});
  CAPTURE(ended.out, ended.err);
  const auto json = nlohmann::json::parse(read_file(file));
  CHECK(json["totals"]["ok"] == 5);
  CHECK(json["errors"] == nlohmann::json{{"tls_failed", 5}});
  const std::string why = "the certificate is not trusted: certificate has expired";
  CHECK(json["reasons"] == nlohmann::json{{"tls_failed", why}});
  CHECK(ended.out.contains("tls_failed: 5 (" + why + ")"));
  // And so it is told from the stored result.
  CHECK(run({command("loadgen"), "report", file}).out.contains("tls_failed: 5 (" + why + ")"));
}

}  // namespace
}  // namespace headgate::test
