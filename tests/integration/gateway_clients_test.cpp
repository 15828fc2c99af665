// The gateway under the clients that everybody has: curl, wrk and ab, 64 connections each. Three
// seconds a client, or as many as HG_SOAK_SECONDS says.
#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>
#include <string>

#include "support/process.hpp"

namespace headgate::test {
namespace {

int seconds() {
  const char* text = std::getenv("HG_SOAK_SECONDS");
  return text == nullptr ? 3 : std::atoi(text);
}

class Rig {
 public:
  Rig()
      : upstream_({command("loadgen"), "serve", "--bind", "127.0.0.1:0", "--size", "1KiB"}),
        gateway_({command("gwctl"), "run", dir_.write("gateway.yaml", R"(
listeners: [{name: http, bind: 127.0.0.1:0}]
services: {orders: {targets: [{url: "http://)" + upstream_.ready("http") + R"("}]}}
routes: [{name: orders, match: {path: {prefix: /}}, service: orders}]
workers: 1
)")}),
        url_("http://" + gateway_.ready("http") + "/orders/") {}

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

  /// In MiB, the most that the gateway has held at any time.
  [[nodiscard]] long peak_memory() const {
    std::istringstream status{read_file("/proc/" + std::to_string(gateway_.pid()) + "/status")};
    for (std::string word; status >> word;) {
      if (word == "VmHWM:") {
        long kib = 0;
        status >> kib;
        return kib / 1024;
      }
    }
    return -1;
  }

  /// SIGTERM, and whatever a sanitizer has to say at the end.
  Ended stop() {
    gateway_.signal(SIGTERM);
    return gateway_.wait();
  }

 private:
  TempDir dir_;
  Process upstream_;
  Process gateway_;
  std::string url_;
};

TEST_CASE("gateway: wrk, ab and curl with 64 connections see no error, and it ends clean") {
  Rig rig;
  const std::string time = std::to_string(seconds());

  const Ended wrk = run({"wrk", "-t", "1", "-c", "64", "-d", time + "s", rig.url() + "1"});
  INFO(wrk.out);
  CHECK(wrk.exit_code == 0);
  CHECK(wrk.out.find("requests in") != std::string::npos);
  CHECK(wrk.out.find("Socket errors") == std::string::npos);
  CHECK(wrk.out.find("Non-2xx") == std::string::npos);

  const Ended ab =
      run({"ab", "-q", "-k", "-c", "64", "-t", time, "-n", "10000000", rig.url() + "2"});
  INFO(ab.out << ab.err);
  CHECK(ab.exit_code == 0);
  CHECK(ab.out.find("Failed requests:        0\n") != std::string::npos);
  CHECK(ab.out.find("Non-2xx") == std::string::npos);

  constexpr int kCurlRequests = 3000;
  const Ended curl = run({"curl", "-s", "-Z", "--parallel-max", "64", "-o", "/dev/null", "-w",
                          "%{http_code} %{size_download}\n",
                          rig.url() + "[1-" + std::to_string(kCurlRequests) + "]"});
  INFO(curl.err);
  CHECK(curl.exit_code == 0);
  int good = 0;
  std::istringstream lines{curl.out};
  for (std::string line; std::getline(lines, line);) good += line == "200 1024" ? 1 : 0;
  CHECK(good == kCurlRequests);

  const Ended end = rig.stop();
  INFO(end.err);
  CHECK(end.exit_code == 0);
}

TEST_CASE("gateway: 4 GiB stream through it and its memory stays flat") {
  Rig rig;
  REQUIRE(run({"curl", "-s", "-o", "/dev/null", rig.url()}).exit_code == 0);
  const long before = rig.peak_memory();
  const Ended upload =
      run({"sh", "-c",
           "head -c 4G /dev/zero | curl -s -o /dev/null -w '%{http_code} %{size_upload}' -T - " +
               rig.url()},
          Milliseconds{240'000});
  std::istringstream answer{upload.out};
  long status = 0;
  long long sent = 0;  // with the framing of its chunks
  answer >> status >> sent;
  CHECK(status == 200);
  CHECK(sent >= 4LL << 30);
  CHECK(rig.peak_memory() < before + 16);
  CHECK(rig.stop().exit_code == 0);
}

}  // namespace
}  // namespace headgate::test
