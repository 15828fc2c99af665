// Large bodies stream: what does not fit in the buffers waits at its sender, not in the gateway.
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "support/gateway.hpp"
#include "support/loadgen.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

/// Peak resident memory of a process, in bytes.
std::size_t peak_memory(pid_t pid) {
  std::istringstream status{read_file("/proc/" + std::to_string(pid) + "/status")};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  return 0;
}

constexpr std::size_t kMiB = 1024 * 1024;
/// The sanitizers' shadow memory follows what is touched; still far below the bodies.
constexpr std::size_t kGrowthMax = 24 * kMiB;

TEST_CASE("streams: 256 MiB go down through the gateway in flat memory") {
  TestUpstream upstream{{"--size", "256MiB"}};
  TestGateway gateway{simple_config({upstream.address()})};
  const std::size_t before = peak_memory(gateway.process().pid());
  const Ended got = run(
      {"curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", gateway.url("/")});
  CHECK(got.out == "200 268435456");
  CHECK(peak_memory(gateway.process().pid()) < before + kGrowthMax);
}

TEST_CASE("streams: 256 MiB go up through the gateway in flat memory, by length and in chunks") {
  TestUpstream upstream;
  TestGateway gateway{simple_config({upstream.address()})};
  const std::size_t before = peak_memory(gateway.process().pid());
  const bool chunked = GENERATE(false, true);
  Argv curl = {
      "bash", "-c",
      "head -c 268435456 /dev/zero | curl -s -o /dev/null -w '%{http_code}' -T - " +
          std::string{chunked ? "" : "-H 'Content-Length: 268435456' -H 'Transfer-Encoding:' "} +
          gateway.url("/")};
  CHECK(run(curl).out == "200");
  CHECK(peak_memory(gateway.process().pid()) < before + kGrowthMax);
  REQUIRE(gateway.stop().exit_code == 0);
  CHECK(gateway.log().at(0)["bytes_in"] == 268435456);
}

TEST_CASE("streams: a client that does not read stops the upstream, and loses nothing") {
  const std::string body(20 * kMiB, 'b');
  ScriptedUpstream upstream{[&](const ReceivedRequest&) { return ok(body); }};
  TestGateway gateway{simple_config({upstream.address()})};
  const std::size_t before = peak_memory(gateway.process().pid());
  HttpClient client{gateway.address()};
  REQUIRE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  std::this_thread::sleep_for(
      Milliseconds{300});  // time for a gateway without limits to swallow it
  CHECK(peak_memory(gateway.process().pid()) < before + 2 * kMiB + kGrowthMax / 2);
  CHECK(client.receive().body == body);
}

}  // namespace
}  // namespace headgate::test
