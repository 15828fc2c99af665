// HTTP/2 load against servers that are not ours: nghttpd, and nginx behind TLS.
#include <signal.h>

#include <catch2/catch.hpp>

#include "support/certificates.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"
#include "support/loadgen.hpp"
#include "support/nginx.hpp"

namespace headgate::test {
namespace {

/// nghttpd without TLS, with a page in its folder.
class Nghttpd {
 public:
  Nghttpd() {
    static_cast<void>(folder_.write("page", std::string(5000, 'x')));
    port_ = std::to_string(free_port());
    process_ = std::make_unique<Process>(Argv{"nghttpd", "--no-tls", "--echo-upload", "--address",
                                              "127.0.0.1", "-d", folder_.path(), port_});
    REQUIRE(eventually([this] {
      try {
        const HttpClient client{address()};
        return true;
      } catch (const std::runtime_error&) {
        return false;
      }
    }));
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + port_; }
  [[nodiscard]] Process& process() { return *process_; }

 private:
  TempDir folder_;
  std::string port_;
  std::unique_ptr<Process> process_;
};

LoadResult two_hundred(const std::string& url, const Argv& flags = {}) {
  Argv argv{"--url", url, "--http2", "-n", "200", "-c", "2"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result = run_load(argv);
  CAPTURE(url, result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 200);
  return result;
}

TEST_CASE("http2: streams share a connection, spoken from the first byte") {
  const Nghttpd server;
  const std::string url = "http://" + server.address() + "/page";
  for (const std::string streams : {"1", "10", "100"}) {
    const LoadResult result = two_hundred(url, {"--streams", streams});
    CHECK(result.total("ok") == 200);
    // 5000 bytes of body each, and heads.
    CHECK(result.json["bytes_received"] >= 200 * 5000);
  }
}

TEST_CASE("http2: statuses, bodies and HEAD are as in HTTP/1.1") {
  const Nghttpd server;
  const std::string base = "http://" + server.address();
  CHECK(two_hundred(base + "/nothing").json["statuses"]["404"] == 200);
  CHECK(two_hundred(base + "/page", {"-m", "HEAD"}).total("ok") == 200);
  const LoadResult echoed =
      two_hundred(base + "/page", {"-b", std::string(50'000, 'y'), "--streams", "4"});
  CHECK(echoed.total("ok") == 200);
  CHECK(echoed.json["bytes_received"] >= 200 * 50'000);
}

TEST_CASE("http2: a server that goes away after some requests gets the rest on new connections") {
  const Certificates certificates;
  const Nginx nginx{
      "keepalive_requests 7;\nserver { listen 127.0.0.1:$PORT0 ssl http2; "
      "ssl_certificate " +
          certificates.file("server.pem") + "; ssl_certificate_key " +
          certificates.file("server.key") +
          "; return 200 ok; }\n"
          "server { listen 127.0.0.1:$PORT1 ssl; ssl_certificate " +
          certificates.file("server.pem") + "; ssl_certificate_key " +
          certificates.file("server.key") + "; return 200 ok; }\n",
      2};
  const Argv trust{"--cacert", certificates.file("root.pem"), "--streams", "5"};
  CHECK(two_hundred("https://" + nginx.address() + "/", trust).total("ok") == 200);
  // The other server speaks HTTP/1.1 alone.
  Argv argv{"--url", "https://" + nginx.address(1) + "/", "--http2", "-n", "4"};
  argv.insert(argv.end(), trust.begin(), trust.end());
  const LoadResult result = run_load(argv);
  CHECK(result.ended.exit_code == 5);
  CHECK(result.ended.err.contains("no application protocol"));
}

TEST_CASE("http2: an answer of HTTP/1.1 is none, and nothing is lost") {
  const TestUpstream server;
  const LoadResult result = run_load({"--url", server.url(), "--http2", "-n", "10", "-c", "2"});
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 10);
  CHECK(result.total("failed") == 10);
}

TEST_CASE("http2: a silent server is timed out stream by stream") {
  Nghttpd server;
  const std::string url = "http://" + server.address() + "/page";
  server.process().signal(SIGSTOP);
  const LoadResult result =
      run_load({"--url", url, "--http2", "--streams", "4", "-n", "8", "--timeout", "200ms"});
  server.process().signal(SIGCONT);
  REQUIRE(result.json.is_object());
  CHECK(result.total("timed_out") == 8);
}

}  // namespace
}  // namespace headgate::test
