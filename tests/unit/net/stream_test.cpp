// Streams, listeners and the loop, over real loopback sockets.
#include "headgate/net/stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "headgate/net/event_loop.hpp"
#include "headgate/net/listener.hpp"

namespace headgate::net {
namespace {

using namespace std::chrono_literals;

/// One end of a connection; remembers what it was told.
struct End final : StreamHandler {
  explicit End(EventLoop& loop) : stream(loop, *this) {}

  void on_connected(Stream&) override { connected = true; }
  void on_input(Stream&) override {
    ++inputs;
    ended = ended || stream.input_ended();
    if (pauses) stream.pause_reading();
    if (hold) return;
    received += stream.input();
    stream.consume(stream.input().size());
  }
  void on_drained(Stream&) override { ++drained; }
  void on_closed(Stream&, CloseReason why) override {
    ++closed;
    reason = why;
  }

  Stream stream;
  std::string received;
  bool connected = false;
  bool ended = false;  // saw the end of input
  bool hold = false;   // leave input unread
  bool pauses = false;
  int inputs = 0;
  int drained = 0;
  int closed = 0;
  CloseReason reason{};
};

/// A listener whose connections become ends.
struct Server final : AcceptHandler {
  explicit Server(EventLoop& owner)
      : loop(owner), listener(owner, std::move(listen(any_port()).value().front()), *this) {}
  static Address any_port() { return Address::parse("127.0.0.1:0").value(); }
  void on_accept(Fd connection, const Address& peer) override {
    peers.push_back(peer);
    ends.push_back(std::make_unique<End>(loop));
    ends.back()->stream.open(std::move(connection));
  }
  EventLoop& loop;
  std::vector<std::unique_ptr<End>> ends;
  std::vector<Address> peers;
  Listener listener;
};

/// Turns the loop until `met`; false after a minute.
template <class Condition>
bool turn_until(EventLoop& loop, Condition met) {
  const TimePoint end = EventLoop::fresh_now() + 60s;
  while (!met()) {
    if (EventLoop::fresh_now() > end) return false;
    loop.turn(100ms);
  }
  return true;
}

/// A connected pair: `client` and, at the server, `server.ends[0]`.
struct Pair {
  EventLoop loop;
  Server server{loop};
  End client{loop};
  Pair() {
    client.stream.connect(server.listener.address());
    REQUIRE(turn_until(loop, [this] { return client.connected && server.ends.size() == 1; }));
  }
  End& peer() { return *server.ends.front(); }
};

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

TEST_CASE("stream: pieces sent at once arrive in order and an answer comes back") {
  Pair pair;
  CHECK(pair.server.peers.front().to_text() ==
        Address::of_socket(pair.client.stream.fd()).to_text());
  pair.client.stream.send({"hello, ", "", "wor", "ld"});
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().received.size() == 12; }));
  CHECK(pair.peer().received == "hello, world");
  pair.peer().stream.send("yes");
  REQUIRE(turn_until(pair.loop, [&] { return pair.client.received == "yes"; }));
}

TEST_CASE("stream: output sent before the connection stands goes out when it does") {
  EventLoop loop;
  Server server{loop};
  End client{loop};
  client.stream.connect(server.listener.address());
  client.stream.send("early");
  CHECK(client.stream.pending() == 5);
  REQUIRE(turn_until(loop,
                     [&] { return !server.ends.empty() && server.ends[0]->received == "early"; }));
  CHECK(client.stream.pending() == 0);
}

TEST_CASE("stream: megabytes arrive whole when each burst waits for on_drained") {
  Pair pair;
  const std::string all = pattern(8'000'000);
  std::size_t sent = 0;
  REQUIRE(turn_until(pair.loop, [&] {
    while (pair.client.stream.pending() == 0 && sent < all.size()) {
      const std::size_t size = std::min<std::size_t>(100'000, all.size() - sent);
      pair.client.stream.send(std::string_view{all}.substr(sent, size));
      sent += size;
    }
    return pair.peer().received.size() == all.size();
  }));
  CHECK(pair.peer().received == all);
}

TEST_CASE("stream: a paused reader stops the sender, and resuming loses nothing") {
  Pair pair;
  pair.peer().stream.pause_reading();
  const std::string burst = pattern(200'000);
  std::string all;
  // The kernel's buffers are finite: at some point it takes no more and the stream keeps the rest.
  while (pair.client.stream.pending() == 0) {
    pair.client.stream.send(burst);
    all += burst;
    pair.loop.turn(0ns);
    REQUIRE(all.size() < 100'000'000);
  }
  for (int i = 0; i < 20; ++i) pair.loop.turn(1ms);
  CHECK(pair.peer().inputs == 0);
  CHECK(pair.client.stream.pending() > 0);
  CHECK(pair.client.drained == 0);
  pair.peer().stream.resume_reading();
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().received.size() == all.size(); }));
  CHECK(pair.peer().received == all);
  CHECK(pair.client.drained == 1);
}

TEST_CASE("stream: an unread buffer fills to its size and no further, then goes on where it was") {
  Pair pair;
  pair.peer().hold = true;
  const std::string all = pattern(5 * kBufferSize + 17);
  for (std::size_t at = 0; at < all.size(); at += 1000) {
    pair.client.stream.send(std::string_view{all}.substr(at, 1000));
  }
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().stream.input_full(); }));
  for (int i = 0; i < 5; ++i) pair.loop.turn(1ms);
  CHECK(pair.peer().stream.input() == std::string_view{all}.substr(0, kBufferSize));
  pair.peer().hold = false;
  pair.peer().received = pair.peer().stream.input().substr(0, 100);
  pair.peer().stream.consume(100);
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().received.size() == all.size(); }));
  CHECK(pair.peer().received == all);
}

TEST_CASE("stream: a partly consumed buffer is filled up although the read was full") {
  // 1 byte consumed leaves the rest behind it: the next read fills the room at the end of the
  // buffer exactly, and only another look gets what the move to the front makes room for.
  Pair pair;
  pair.peer().hold = true;
  pair.client.stream.send(pattern(9000));
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().stream.input().size() == 9000; }));
  pair.peer().stream.consume(5000);
  pair.client.stream.send(pattern(kBufferSize));
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().stream.input_full(); }));
  CHECK(pair.peer().stream.input().substr(0, 4000) == pattern(9000).substr(5000));
}

TEST_CASE("stream: an idle connection holds no buffer") {
  Pair pair;
  pair.client.stream.send("ping");
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().received == "ping"; }));
  CHECK(pair.loop.buffers().lent() == 0);
}

TEST_CASE("stream: the peer's end comes after its last byte, and the other direction still works") {
  Pair pair;
  pair.client.stream.send("last words");
  ::shutdown(pair.client.stream.fd(), SHUT_WR);
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().stream.input_ended(); }));
  CHECK(pair.peer().received == "last words");
  pair.peer().stream.send("heard");
  REQUIRE(turn_until(pair.loop, [&] { return pair.client.received == "heard"; }));
}

TEST_CASE("stream: close is told once, at the end of the batch, with the first reason") {
  Pair pair;
  pair.client.stream.close(CloseReason::kTimedOut);
  pair.client.stream.close();
  CHECK(pair.client.closed == 0);
  pair.client.stream.send("too late");
  pair.loop.turn(0ns);
  CHECK(pair.client.closed == 1);
  CHECK(pair.client.reason == CloseReason::kTimedOut);
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().stream.input_ended(); }));
  CHECK(pair.peer().received.empty());
}

TEST_CASE("stream: a reset by the peer is a reason, not an exception") {
  Pair pair;
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(pair.client.stream.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  pair.client.stream.close();
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().closed == 1; }));
  CHECK(pair.peer().reason == CloseReason::kReset);
  CHECK(pair.peer().stream.error() == ECONNRESET);
}

TEST_CASE("stream: bytes before a reset arrive, and are not taken for a whole message") {
  Pair pair;
  const linger at_once{.l_onoff = 1, .l_linger = 0};  // closing sends RST, no FIN
  const int fd = pair.peer().stream.fd();
  REQUIRE(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
  pair.peer().stream.send("half");
  pair.peer().stream.close();
  REQUIRE(turn_until(pair.loop, [&] { return pair.client.closed == 1; }));
  CHECK(pair.client.received == "half");
  CHECK_FALSE(pair.client.ended);
  CHECK(pair.client.reason == CloseReason::kReset);
}

/// Resets the connection of `end`.
void reset(End& end) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};  // closing sends RST, no FIN
  const int fd = end.stream.fd();
  REQUIRE(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
  end.stream.close();
}

TEST_CASE("stream: who has paused reading learns of a reset all the same") {
  Pair pair;
  pair.peer().stream.pause_reading();
  pair.client.stream.send("unread");
  for (int i = 0; i < 3; ++i) pair.loop.turn(1ms);
  reset(pair.client);
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().closed == 1; }));
  CHECK(pair.peer().reason == CloseReason::kReset);
  CHECK(pair.peer().stream.error() == ECONNRESET);
  CHECK(pair.peer().received.empty());
}

TEST_CASE("stream: who pauses on input that a reset came with learns of both") {
  Pair pair;
  pair.peer().pauses = true;
  pair.client.stream.send("last");
  reset(pair.client);
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().closed == 1; }));
  CHECK(pair.peer().received == "last");
  CHECK(pair.peer().reason == CloseReason::kReset);
}

TEST_CASE("stream: a connection that nobody answers is refused, and the stream can try again") {
  EventLoop loop;
  Address dead;
  {
    Server gone{loop};
    dead = gone.listener.address();
  }
  End client{loop};
  client.stream.connect(dead);
  REQUIRE(turn_until(loop, [&] { return client.closed == 1; }));
  CHECK(client.reason == CloseReason::kConnectRefused);
  Server server{loop};
  client.stream.connect(server.listener.address());
  REQUIRE(turn_until(loop, [&] { return client.connected; }));
}

TEST_CASE("stream: finish lets the peer read the answer although its own request was not read") {
  Pair pair;
  pair.peer().hold = true;
  pair.client.stream.send(pattern(40'000));
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().stream.input_full(); }));
  pair.peer().stream.send("no, thank you");
  pair.peer().stream.finish();
  REQUIRE(turn_until(pair.loop, [&] { return pair.client.stream.input_ended(); }));
  CHECK(pair.client.received == "no, thank you");
  CHECK(pair.client.closed == 0);
  pair.client.stream.close();
  REQUIRE(turn_until(pair.loop, [&] { return pair.peer().closed == 1; }));
  CHECK(pair.peer().reason == CloseReason::kLocal);
}

TEST_CASE("stream: finish delivers what is pending before it ends the connection") {
  Pair pair;
  pair.client.stream.pause_reading();
  const std::string burst = pattern(200'000);
  std::string all;
  while (pair.peer().stream.pending() == 0) {
    pair.peer().stream.send(burst);
    all += burst;
    pair.loop.turn(0ns);
    REQUIRE(all.size() < 100'000'000);
  }
  pair.peer().stream.finish();
  for (int i = 0; i < 20; ++i) pair.loop.turn(1ms);
  CHECK(pair.peer().closed == 0);
  pair.client.stream.resume_reading();
  REQUIRE(turn_until(pair.loop, [&] { return pair.client.stream.input_ended(); }));
  CHECK(pair.client.received == all);
}

TEST_CASE("stream: finish gives up on a peer that goes on sending") {
  Pair pair;
  pair.peer().stream.finish();
  const std::string burst = pattern(100'000);
  REQUIRE(turn_until(pair.loop, [&] {
    if (pair.client.closed == 0 && pair.client.stream.pending() == 0)
      pair.client.stream.send(burst);
    return pair.peer().closed == 1;
  }));
  CHECK(pair.peer().reason == CloseReason::kLocal);
}

/// Closes the other end from within its own input, in the same batch.
struct Closer final : StreamHandler {
  Closer(EventLoop& loop) : stream(loop, *this) {}
  void on_input(Stream&) override {
    stream.consume(stream.input().size());
    victim->stream.close();
  }
  void on_closed(Stream&, CloseReason) override {}
  Stream stream;
  End* victim = nullptr;
};

TEST_CASE("stream: one closed by another in the same batch gets no input after it") {
  EventLoop loop;
  std::array<int, 2> first{};
  std::array<int, 2> second{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, first.data()) == 0);
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, second.data()) == 0);
  Closer closer{loop};
  End victim{loop};
  closer.victim = &victim;
  closer.stream.open(Fd{first[0]});
  victim.stream.open(Fd{second[0]});
  loop.turn(0ns);
  REQUIRE(write(first[1], "x", 1) == 1);
  REQUIRE(write(second[1], "x", 1) == 1);
  REQUIRE(turn_until(loop, [&] { return victim.closed == 1; }));
  CHECK(victim.received.empty());
  close(first[1]);
  close(second[1]);
}

TEST_CASE("listener: a port in use is refused with the address, also between sharing groups") {
  const auto count = GENERATE(1U, 2U);
  auto held = listen(Address::parse("127.0.0.1:0").value(), count).value();
  REQUIRE(held.size() == count);
  const Address address = Address::of_socket(held.front().get());
  CHECK(Address::of_socket(held.back().get()) == address);
  for (const std::size_t rival : {1U, 2U}) {
    const auto refused = listen(address, rival);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::kUnavailable);
    CHECK(refused.error().where == address.to_text());
  }
  held.clear();
  CHECK(listen(address, count).has_value());
}

TEST_CASE("listener: more connections than one turn takes are all accepted") {
  EventLoop loop;
  Server server{loop};
  std::vector<std::unique_ptr<End>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<End>(loop));
    clients.back()->stream.connect(server.listener.address());
  }
  CHECK(turn_until(loop, [&] { return server.ends.size() == 200; }));
}

}  // namespace
}  // namespace headgate::net
