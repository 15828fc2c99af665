// The bytes are those of the RESP specification (redis.io/docs/reference/protocol-spec), by hand.
#include "headgate/redis/resp.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>

namespace headgate::redis {
namespace {

std::string command(std::initializer_list<std::string_view> words) {
  std::string out;
  append_command(out, words);
  return out;
}

TEST_CASE("resp: a command is a list of bulks, each with its size") {
  CHECK(command({"PING"}) == "*1\r\n$4\r\nPING\r\n");
  CHECK(command({"SET", "k", ""}) == "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
  CHECK(command({std::string_view{"a\r\n\0b", 5}}) ==
        std::string{"*1\r\n$5\r\n"} + std::string{"a\r\n\0b", 5} + "\r\n");
}

TEST_CASE("resp: commands are appended one behind the other") {
  std::string out = "x";
  append_command(out, std::array<std::string_view, 1>{"A"});
  append_command(out, std::array<std::string_view, 1>{"B"});
  CHECK(out == "x*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n");
}

TEST_CASE("resp: replies are found wherever the bytes are cut") {
  const std::string bytes =
      "+OK\r\n:-12\r\n$3\r\na\r\n\r\n$-1\r\n-NOSCRIPT No matching "
      "script\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n"
      "\r\n";
  const std::size_t whole = bytes.size() - 2;
  for (std::size_t cut = 0; cut <= whole; ++cut) {
    CAPTURE(cut);
    ReplyReader reader;
    std::vector<Reply> replies;
    const auto drain = [&] {
      for (;;) {
        auto reply = reader.next();
        REQUIRE(reply);
        if (!*reply) return;
        replies.push_back(**reply);
      }
    };
    reader.feed(std::string_view{bytes}.substr(0, cut));
    drain();
    reader.feed(std::string_view{bytes}.substr(cut, whole - cut));
    drain();
    REQUIRE(replies.size() == 6);
    CHECK(replies[0].kind == Reply::Kind::kText);
    CHECK(replies[0].text == "OK");
    CHECK(replies[1].kind == Reply::Kind::kInteger);
    CHECK(replies[1].integer == -12);
    CHECK(replies[2].text == "a\r\n");
    CHECK(replies[3].kind == Reply::Kind::kNil);
    CHECK(replies[4].kind == Reply::Kind::kError);
    CHECK(replies[4].is_error("NOSCRIPT"));
    CHECK_FALSE(replies[4].is_error("NO"));
    REQUIRE(replies[5].items.size() == 2);
    CHECK(replies[5].items[0].integer == 1);
    CHECK(replies[5].items[1].items.front().kind == Reply::Kind::kText);
  }
}

TEST_CASE("resp: an ordinary text is no error, whatever it says") {
  ReplyReader reader;
  reader.feed("$8\r\nNOSCRIPT\r\n");
  CHECK_FALSE((*reader.next())->is_error("NOSCRIPT"));
}

TEST_CASE("resp: what is no RESP is refused until the reader starts over") {
  ReplyReader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n");
  CHECK(reader.next().error().code == Errc::kCorrupt);
  reader.feed("+OK\r\n");
  CHECK(reader.next().error().code == Errc::kCorrupt);
  reader.reset();
  reader.feed("+OK\r\n");
  CHECK((*reader.next())->text == "OK");
}

}  // namespace
}  // namespace headgate::redis
