// WebSocket load against a server that is not ours.
#include <catch2/catch.hpp>

#include "support/echo_server.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

LoadResult forty(const EchoServer& server, const std::string& path, const Argv& flags = {},
                 const std::string& message = "message {sequence}") {
  Argv argv{"--url", "ws://" + server.address() + path, "-n", "40", "-c", "4", "-b", message};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result = run_load(argv);
  CAPTURE(path, result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 40);
  return result;
}

TEST_CASE("websocket: each message comes back, in one piece or several, and between pings") {
  const EchoServer server;
  for (const std::string path : {"/", "/ping", "/pieces"}) {
    const LoadResult result = forty(server, path);
    CHECK(result.total("ok") == 40);
    CHECK(result.json["response_time"]["count"] == 40);
  }
  CHECK(server.messages() == 120);
}

TEST_CASE("websocket: several messages may be under way on a connection") {
  const EchoServer server;
  CHECK(forty(server, "/", {"--pipeline", "5"}).total("ok") == 40);
}

TEST_CASE("websocket: large messages and empty ones come back too") {
  const EchoServer server;
  for (const std::size_t size : {std::size_t{1}, std::size_t{125}, std::size_t{126},
                                 std::size_t{65'535}, std::size_t{65'536}, std::size_t{100'000}}) {
    CAPTURE(size);
    CHECK(forty(server, "/", {}, std::string(size, 'x')).total("ok") == 40);
  }
  const LoadResult empty = run_load({"--url", "ws://" + server.address() + "/", "-n", "10"});
  CHECK(empty.total("ok") == 10);
}

TEST_CASE("websocket: the handshake carries the headers of the request") {
  const EchoServer server;
  CHECK(forty(server, "/", {"-H", "Authorization: Bearer t1"}).total("ok") == 40);
  CHECK(server.authorization() == "Bearer t1");
}

TEST_CASE("websocket: another message than was sent is a bad echo") {
  const EchoServer server;
  const LoadResult result = forty(server, "/wrong");
  CHECK(result.total("failed") == 40);
  CHECK(result.json["errors"]["bad_echo"] == 40);
}

TEST_CASE("websocket: a server that closes fails the message, and is asked again") {
  const EchoServer server;
  const LoadResult result = forty(server, "/close");
  CHECK(result.total("failed") == 40);
  CHECK(result.json["errors"]["connection_closed"] == 40);
  CHECK(server.messages() == 40);
}

TEST_CASE("websocket: a handshake that is refused is said at once") {
  const EchoServer server;
  const LoadResult result = run_load({"--url", "ws://" + server.address() + "/refuse", "-n", "4"});
  CHECK(result.ended.exit_code == 5);
  CHECK(result.ended.err.contains("the WebSocket handshake was refused"));
}

}  // namespace
}  // namespace headgate::test
