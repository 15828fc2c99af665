// `loadgen serve` as a server: what it answers, in which order, when, and how it ends.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "support/http_client.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("serve: every request is answered with the body of the size asked for") {
  TestUpstream upstream{{"--size", "100B"}};
  HttpClient client{upstream.address()};
  CHECK(client.request("GET", "/any/path?x=1").body.size() == 100);
  const HttpResponse post = client.request("POST", "/", "a body of its own");
  CHECK(post.status == 200);
  CHECK(post.body.size() == 100);
  const HttpResponse head = client.request("HEAD", "/");
  CHECK(head.status == 200);
  CHECK(head.field("content-length") == "100");
  CHECK(head.body.empty());
  CHECK(client.request("GET", "/").status == 200);  // the connection stayed all along
  CHECK(upstream.stop() == 4);
}

TEST_CASE("serve: a chunked request body is read to its end and thrown away") {
  TestUpstream upstream;
  HttpClient client{upstream.address()};
  REQUIRE(client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  REQUIRE(client.send("5\r\nGET /\r\n"));
  REQUIRE(client.send("0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  CHECK(upstream.stop() == 2);
}

TEST_CASE("serve: a client that expects 100 Continue is told to go on before it sends its body") {
  TestUpstream upstream;
  HttpClient client{upstream.address(), 500ms};
  REQUIRE(
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                  "Content-Length: 4\r\n\r\n"));
  CHECK(client.drain() == "HTTP/1.1 100 Continue\r\n\r\n");  // and nothing more for half a second
  REQUIRE(client.send("body"));
  CHECK(client.receive().status == 200);
}

TEST_CASE("serve: a client that does not read for long is answered in full when it does") {
  // 300 answers of 64 KiB are more than any socket buffer: most requests have to wait.
  TestUpstream upstream{{"--size", "64KiB"}};
  HttpClient client{upstream.address()};
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(client.send(requests));
  HttpClient other{upstream.address()};
  CHECK(other.request("GET", "/").status == 200);  // by now it has read the others
  for (int i = 0; i < 300; ++i) REQUIRE(client.receive().body.size() == 64 * 1024);
  CHECK(client.request("GET", "/").status == 200);
  CHECK(upstream.stop() == 302);
}

TEST_CASE("serve: pipelined requests are answered in order, each after its service") {
  // One worker, 20 ms each: the third of three is done after 60 ms.
  TestUpstream upstream{{"--time", "20ms"}};
  HttpClient client{upstream.address()};
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto start = Clock::now();
  REQUIRE(client.send(request + request + request));
  CHECK(client.receive().status == 200);
  CHECK(Clock::now() - start >= 20ms);
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  CHECK(Clock::now() - start >= 60ms);
}

TEST_CASE("serve: more pipelined requests than it keeps are all answered") {
  TestUpstream upstream{{"--time", "10us"}};
  HttpClient client{upstream.address()};
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(client.send(requests));
  for (int i = 0; i < 1000; ++i) REQUIRE(client.receive().status == 200);
  CHECK(upstream.stop() == 1000);
}

TEST_CASE("serve: workers serve at the same time, and no more of them than there are") {
  TestUpstream upstream{{"--time", "50ms", "--workers", "2"}};
  HttpClient first{upstream.address()};
  HttpClient second{upstream.address()};
  HttpClient third{upstream.address()};
  const auto start = Clock::now();
  for (HttpClient* client : {&first, &second, &third}) {
    REQUIRE(client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  }
  CHECK(third.receive().status == 200);  // it waited for one of the two
  CHECK(Clock::now() - start >= 100ms);
}

TEST_CASE("serve: a body larger than any buffer arrives whole, on a connection that stays") {
  TestUpstream upstream{{"--size", "20MiB"}};
  HttpClient client{upstream.address()};
  CHECK(client.request("GET", "/").body.size() == 20 * 1024 * 1024);
  CHECK(client.request("GET", "/").body.size() == 20 * 1024 * 1024);
}

TEST_CASE("serve: the connection is closed after the answer if the client asks for it") {
  TestUpstream upstream;
  HttpClient client{upstream.address()};
  const HttpResponse last = client.request("GET", "/", {}, "Connection: close\r\n");
  CHECK(last.status == 200);
  CHECK(last.field("connection") == "close");
  CHECK(client.drain().empty());
}

TEST_CASE("serve: a client that stops sending still gets the answers it is owed") {
  TestUpstream upstream{{"--time", "30ms"}};
  HttpClient client{upstream.address()};
  REQUIRE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  client.finish_sending();
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  CHECK(client.drain().empty());
}

TEST_CASE("serve: what is no request is answered with 400 and closed") {
  TestUpstream upstream;
  HttpClient client{upstream.address()};
  REQUIRE(client.send("this is no HTTP\r\n\r\n"));
  CHECK(client.receive().status == 400);
  CHECK(client.drain().empty());
  CHECK(upstream.stop() == 0);  // it served nothing
}

TEST_CASE("serve: a status mix has all its statuses, and equal seeds draw the same") {
  const auto statuses = [](const char* seed) {
    TestUpstream upstream{{"--status", "200:3,503:1", "--seed", seed}};
    HttpClient client{upstream.address()};
    std::string seen;
    for (int i = 0; i < 200; ++i) seen += client.request("GET", "/").status == 200 ? '.' : 'x';
    return seen;
  };
  const std::string one = statuses("1");
  const auto failures = std::ranges::count(one, 'x');
  CHECK(failures > 25);  // 50 expected, deviation 6
  CHECK(failures < 75);
  CHECK(statuses("1") == one);
  CHECK(statuses("2") != one);
}

TEST_CASE("serve: wrong flags and a port in use are told apart from a server, by exit code 2") {
  const auto refused = [](const Argv& flags) {
    Argv argv{command("loadgen"), "serve", "--bind", "127.0.0.1:0"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Ended ended = run(argv);
    CHECK(ended.out.empty());
    CHECK_FALSE(ended.err.empty());
    return ended.exit_code;
  };
  CHECK(refused({"--time", "exponential:10"}) == 2);
  CHECK(refused({"--time", "exponentail:10ms"}) == 2);
  CHECK(refused({"--status", "20"}) == 2);
  CHECK(refused({"--size", "1"}) == 2);
  CHECK(refused({"--workers", "0"}) == 2);
  CHECK(refused({"--no-such-flag"}) == 2);
  TestUpstream upstream;
  const Ended ended = loadgen({"serve", "--bind", upstream.address()});
  CHECK(ended.exit_code == 2);
  CHECK_THAT(ended.err, Catch::Contains(upstream.address()));
}

TEST_CASE("serve: SIGINT ends it as SIGTERM does, with what it served") {
  TestUpstream upstream;
  HttpClient client{upstream.address()};
  REQUIRE(client.request("GET", "/").status == 200);
  upstream.process().signal(SIGINT);
  const Ended ended = upstream.process().wait();
  CHECK(ended.exit_code == 0);
  CHECK(ended.err == "served 1 requests on 1 connections, 200: 1\n");
  CHECK(ended.out == "ready http=" + upstream.address() + "\n");
}

}  // namespace
}  // namespace headgate::test
