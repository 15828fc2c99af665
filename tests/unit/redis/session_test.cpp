// A conversation without a socket: the test is the driver and the Redis.
#include "headgate/redis/session.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/time.hpp"

namespace headgate::redis {
namespace {

using namespace std::chrono_literals;
using Want = Session::Want;

using headgate::test::at;
constexpr Duration kTimeout = 50ms;
const std::string kSha(40, 'a');

class Talk final : private AnswerHandler {
 public:
  Session session{kTimeout, 1, *this};
  std::map<Ticket, Answer> answers;

  Ticket ask(TimePoint now, const std::string& key = "k") {
    const auto ticket = session.ask(call(key), now);
    REQUIRE(ticket);
    return *ticket;
  }
  Failure refused(TimePoint now) {
    const auto ticket = session.ask(call("k"), now);
    REQUIRE_FALSE(ticket);
    return ticket.error();
  }
  /// The words of the commands sent since the last call.
  std::vector<std::string> sent() {
    // Commands read as replies are lists of texts.
    ReplyReader reader;
    reader.feed(std::exchange(session.output(), {}));
    std::vector<std::string> lines;
    while (const auto reply = *reader.next()) {
      std::string line;
      for (std::size_t i = 0; i < reply->items.size(); ++i) {
        const std::string& word = reply->items[i].text;
        line += (i == 0 ? "" : " ") + (word == script() ? "THE-SCRIPT" : word);
      }
      lines.push_back(line);
    }
    return lines;
  }
  void connect(TimePoint now) {
    REQUIRE(session.want(now) == Want::kConnect);
    session.on_connecting(now);
    session.on_connected(now);
  }
  void load(TimePoint now) { session.on_input("$40\r\n" + kSha + "\r\n", now); }
  void open(TimePoint now) {
    connect(now);
    load(now);
    REQUIRE(session.ready());
    static_cast<void>(sent());
  }
  void answer(TimePoint now, long taken = 1) {
    session.on_input("*4\r\n:1000\r\n:" + std::to_string(taken) + "\r\n:7\r\n:8\r\n", now);
  }
  static Call call(const std::string& key) { return {.keys = {key}, .numbers = {1, 2, 3}}; }

 private:
  void on_answer(Ticket ticket, const Answer& answer) override {
    REQUIRE_FALSE(answers.contains(ticket));
    answers.emplace(ticket, answer);
  }
};

TEST_CASE("session: it connects, loads the script, then asks what has waited, in order") {
  Talk talk;
  CHECK(talk.session.want(at(0s)) == Want::kConnect);
  talk.ask(at(0s), "a");
  talk.ask(at(0s), "b");
  CHECK(talk.sent().empty());
  talk.connect(at(1ms));
  CHECK(talk.session.want(at(1ms)) == Want::kNothing);
  CHECK(talk.sent() == std::vector<std::string>{"SCRIPT LOAD THE-SCRIPT"});
  talk.ask(at(2ms), "c");
  CHECK(talk.sent().empty());
  CHECK_FALSE(talk.session.ready());
  talk.load(at(3ms));
  CHECK(talk.session.ready());
  CHECK(talk.sent() == std::vector<std::string>{"EVALSHA " + kSha + " 1 a 1 2 3",
                                                "EVALSHA " + kSha + " 1 b 1 2 3",
                                                "EVALSHA " + kSha + " 1 c 1 2 3"});
  CHECK(talk.session.counters().connections == 1);
}

TEST_CASE("session: answers go to those who asked, in order, however the bytes are cut") {
  Talk talk;
  talk.open(at(0s));
  const Ticket first = talk.ask(at(0s));
  const Ticket second = talk.ask(at(0s));
  CHECK(talk.sent().size() == 2);
  talk.session.on_input("*4\r\n:1000\r\n:1\r\n:7\r\n:8\r\n*4\r\n:1001\r\n:0\r", at(1ms));
  CHECK(talk.answers.size() == 1);
  talk.session.on_input("\n:9\r\n:10\r\n", at(2ms));
  REQUIRE(talk.answers.size() == 2);
  const auto& one = talk.answers.at(first)->front();
  CHECK(one.now_us == 1000);
  CHECK(one.taken == 1);
  CHECK(one.first == 7);
  CHECK(one.second == 8);
  const auto& two = talk.answers.at(second)->front();
  CHECK(two.now_us == 1001);
  CHECK(two.taken == 0);
  CHECK(two.first == 9);
  CHECK(two.second == 10);
}

TEST_CASE("session: an answer must come in time; one that comes late ends the silence") {
  Talk talk;
  talk.open(at(0s));
  const Ticket late = talk.ask(at(10ms));
  CHECK(talk.session.next_timeout() == at(60ms));
  talk.session.on_timeout(at(59ms));
  CHECK(talk.answers.empty());
  talk.session.on_timeout(at(60ms));
  CHECK(talk.answers.at(late).error() == Failure::kTimedOut);
  CHECK(talk.refused(at(61ms)) == Failure::kDown);
  CHECK(talk.session.want(at(61ms)) == Want::kNothing);  // a hiccup, perhaps
  talk.answer(at(70ms));                                 // to the one that is over
  CHECK(talk.answers.size() == 1);
  const Ticket next = talk.ask(at(71ms));
  talk.answer(at(72ms));
  CHECK(talk.answers.at(next).has_value());
  CHECK(talk.session.counters().asked == 3);
  CHECK(talk.session.counters().failed[static_cast<std::size_t>(Failure::kTimedOut)] == 1);
  CHECK(talk.session.counters().failed[static_cast<std::size_t>(Failure::kDown)] == 1);
}

TEST_CASE("session: a Redis that says nothing for a second is left") {
  Talk talk;
  talk.open(at(0s));
  talk.ask(at(10ms));
  talk.session.on_timeout(at(60ms));
  CHECK(talk.session.next_timeout() == at(1010ms));
  CHECK(talk.session.want(at(1009ms)) == Want::kNothing);
  CHECK(talk.session.want(at(1010ms)) == Want::kClose);
  talk.session.on_closed(at(1010ms));
  CHECK(talk.session.want(at(1010ms)) == Want::kNothing);
}

TEST_CASE(
    "session: what is open when the connection ends fails at once, and so does what comes then") {
  Talk talk;
  talk.open(at(0s));
  const Ticket open = talk.ask(at(1ms));
  talk.session.on_closed(at(2ms));
  CHECK(talk.answers.at(open).error() == Failure::kDown);
  CHECK(talk.refused(at(3ms)) == Failure::kDown);
  CHECK_FALSE(talk.session.ready());
  CHECK(talk.session.output().empty());
}

TEST_CASE(
    "session: it tries again after a wait that doubles from 100 ms to 5 s, less at most half") {
  Talk talk;
  TimePoint now = at(0s);
  Duration most = 100ms;
  for (int attempt = 0; attempt < 9; ++attempt) {
    REQUIRE(talk.session.want(now) == Want::kConnect);
    talk.session.on_connecting(now);
    talk.session.on_closed(now);
    const Duration wait = talk.session.next_timeout() - now;
    CHECK(wait <= most);
    CHECK(wait >= most / 2);
    CHECK(talk.session.want(now + wait - 1ns) == Want::kNothing);
    now += wait;
    most = std::min<Duration>(most * 2, 5s);
  }
  talk.open(now);
  talk.ask(now);
  talk.session.on_closed(now);
  CHECK(talk.session.next_timeout() - now <= 100ms);  // it was well in between
  CHECK(talk.session.counters().connections == 1);
}

TEST_CASE("session: a connection that does not come about is given up after a second") {
  Talk talk;
  talk.session.on_connecting(at(0s));
  CHECK(talk.session.next_timeout() == at(1s));
  CHECK(talk.session.want(at(999ms)) == Want::kNothing);
  CHECK(talk.session.want(at(1s)) == Want::kClose);
}

TEST_CASE("session: before the first connection questions wait, for their timeout") {
  Talk talk;
  const Ticket first = talk.ask(at(0s));
  CHECK(talk.session.next_timeout() <= at(50ms));
  talk.session.on_timeout(at(50ms));
  CHECK(talk.answers.at(first).error() == Failure::kTimedOut);
  talk.open(at(51ms));
  CHECK(talk.sent().empty());  // nobody wants it any more
  CHECK(talk.ask(at(52ms)) > first);
}

TEST_CASE("session: while it connects anew nothing waits") {
  Talk talk;
  talk.open(at(0s));
  talk.ask(at(0s));
  talk.session.on_closed(at(0s));
  talk.connect(at(1s));
  CHECK(talk.refused(at(1s)) == Failure::kDown);
  talk.load(at(1s));
  CHECK(talk.ask(at(1s)) > 0);
}

TEST_CASE("session: a server may close an idle connection, and nobody notices") {
  Talk talk;
  talk.open(at(0s));
  talk.session.on_closed(at(300s));
  const Ticket ticket = talk.ask(at(300s));
  talk.open(at(300s));
  talk.answer(at(300s));
  CHECK(talk.answers.at(ticket).has_value());
}

TEST_CASE("session: a forgotten script is loaded once, and the questions asked again, in order") {
  Talk talk;
  talk.open(at(0s));
  const Ticket first = talk.ask(at(0s), "a");
  const Ticket second = talk.ask(at(0s), "b");
  static_cast<void>(talk.sent());
  talk.session.on_input("-NOSCRIPT No matching script\r\n", at(1ms));
  CHECK(talk.sent() == std::vector<std::string>{"SCRIPT LOAD THE-SCRIPT"});
  const Ticket third = talk.ask(at(1ms), "c");
  talk.session.on_input("-NOSCRIPT No matching script\r\n", at(2ms));
  CHECK(talk.sent().empty());
  talk.load(at(3ms));
  CHECK(talk.sent() == std::vector<std::string>{"EVALSHA " + kSha + " 1 a 1 2 3",
                                                "EVALSHA " + kSha + " 1 b 1 2 3",
                                                "EVALSHA " + kSha + " 1 c 1 2 3"});
  for (int i = 0; i < 3; ++i) talk.answer(at(4ms));
  for (const Ticket ticket : {first, second, third}) CHECK(talk.answers.at(ticket).has_value());
  CHECK(talk.session.counters().connections == 1);
}

TEST_CASE("session: a script that is forgotten again and again is a refusal") {
  Talk talk;
  talk.open(at(0s));
  const Ticket ticket = talk.ask(at(0s));
  talk.session.on_input("-NOSCRIPT No\r\n", at(1ms));
  talk.load(at(2ms));
  talk.session.on_input("-NOSCRIPT No\r\n", at(3ms));
  CHECK(talk.answers.at(ticket).error() == Failure::kRefused);
}

TEST_CASE("session: an error is the answer to its question alone") {
  Talk talk;
  talk.open(at(0s));
  const Ticket first = talk.ask(at(0s));
  const Ticket second = talk.ask(at(0s));
  talk.session.on_input("-OOM command not allowed\r\n", at(1ms));
  CHECK(talk.answers.at(first).error() == Failure::kRefused);
  talk.answer(at(1ms));
  CHECK(talk.answers.at(second).has_value());
  CHECK(talk.session.want(at(1ms)) == Want::kNothing);
}

TEST_CASE("session: what our script does not say is a refusal") {
  const auto bytes = GENERATE(values<std::string>(
      {"+OK\r\n", "*3\r\n:1\r\n:1\r\n:1\r\n", "*4\r\n:1\r\n:1\r\n:1\r\n$1\r\n1\r\n", "$-1\r\n"}));
  Talk talk;
  talk.open(at(0s));
  const Ticket ticket = talk.ask(at(0s));
  talk.session.on_input(bytes, at(1ms));
  CHECK(talk.answers.at(ticket).error() == Failure::kRefused);
}

TEST_CASE("session: bytes that are no RESP, or answer nothing, end the connection") {
  Talk talk;
  talk.open(at(0s));
  talk.session.on_input("+OK\r\n", at(1ms));
  CHECK(talk.session.want(at(1ms)) == Want::kClose);
  talk.session.on_closed(at(1ms));
  talk.open(at(1s));
  const Ticket ticket = talk.ask(at(1s));
  talk.session.on_input("HTTP/1.1 400\r\n", at(1s));
  CHECK(talk.session.want(at(1s)) == Want::kClose);
  talk.session.on_closed(at(1s));
  CHECK(talk.answers.at(ticket).error() == Failure::kDown);
  talk.open(at(9s));  // and the next one starts clean
}

TEST_CASE("session: a Redis that will not load the script is left") {
  Talk talk;
  talk.connect(at(0s));
  talk.session.on_input("-NOAUTH Authentication required.\r\n", at(0s));
  CHECK(talk.session.want(at(0s)) == Want::kClose);
  CHECK_FALSE(talk.session.ready());
}

TEST_CASE("session: who forgets hears nothing, and the others are not mixed up") {
  Talk talk;
  talk.open(at(0s));
  const Ticket first = talk.ask(at(0s));
  const Ticket second = talk.ask(at(0s));
  talk.session.forget(first);
  talk.answer(at(1ms), 1);
  talk.answer(at(1ms), 0);
  CHECK_FALSE(talk.answers.contains(first));
  CHECK(talk.answers.at(second)->front().taken == 0);
}

TEST_CASE("session: orders are sent when it is up, else dropped, and nobody hears of them") {
  Talk talk;
  talk.session.tell(Talk::call("x"), at(0s));
  talk.open(at(0s));
  CHECK(talk.sent().empty());
  talk.session.tell(Talk::call("x"), at(0s));
  CHECK(talk.sent() == std::vector<std::string>{"EVALSHA " + kSha + " 1 x 1 2 3"});
  const Ticket ticket = talk.ask(at(0s));
  talk.answer(at(1ms));
  CHECK(talk.answers.empty());
  talk.answer(at(1ms));
  CHECK(talk.answers.contains(ticket));
}

TEST_CASE("session: no more than its most are open at once") {
  Talk talk;
  talk.open(at(0s));
  for (std::size_t i = 0; i < Session::kAskedMax; ++i) talk.ask(at(0s));
  CHECK(talk.refused(at(0s)) == Failure::kBusy);
  talk.answer(at(0s));
  CHECK(talk.ask(at(0s)) > 0);
}

}  // namespace
}  // namespace headgate::redis
