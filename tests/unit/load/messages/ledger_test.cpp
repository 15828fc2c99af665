#include "headgate/load/messages/ledger.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "headgate/load/messages/stamp.hpp"

namespace headgate::load::messages {
namespace {

using namespace std::chrono_literals;

TEST_CASE("ledger: a run in which all went well adds up, and holds") {
  Ledger ledger{2};
  for (std::uint64_t i = 0; i < 100; ++i) ledger.acknowledged(i);
  for (std::uint64_t i = 0; i < 100; ++i) ledger.consumed(0, std::array{i});
  for (std::uint64_t i = 0; i < 60; ++i) ledger.consumed(1, std::array{i});
  for (std::uint64_t i = 60; i < 100; ++i) ledger.left(1, i);
  const auto accounts = ledger.close();
  CHECK(accounts[0] == Account{.published = 100, .consumed = 100});
  CHECK(accounts[1] == Account{.published = 100, .consumed = 60, .left = 40});
  CHECK(accounts[0].held());
  CHECK(accounts[1].held());
}

TEST_CASE("ledger: one lost and one doubled do not cancel out") {
  Ledger ledger{1};
  for (const std::uint64_t i : {0U, 1U, 2U, 3U}) ledger.acknowledged(i);
  ledger.consumed(0, std::array<std::uint64_t, 4>{0, 1, 1, 3});  // four came of four, and yet
  const Account account = ledger.close().front();
  CHECK(account == Account{.published = 4, .consumed = 3, .lost = 1, .duplicated = 1});
  CHECK_FALSE(account.held());
}

TEST_CASE("ledger: what came without an acknowledgement is told apart") {
  Ledger ledger{1};
  ledger.acknowledged(5);
  ledger.consumed(0, std::array<std::uint64_t, 2>{5, 700});  // 700 was published, the answer lost
  CHECK(ledger.close().front() == Account{.published = 1, .consumed = 1, .unconfirmed = 1});
}

TEST_CASE("ledger: what was consumed and lies in the store still is consumed, not left") {
  Ledger ledger{1};
  ledger.acknowledged(1);
  ledger.consumed(0, std::array<std::uint64_t, 1>{1});
  ledger.left(0, 1);
  CHECK(ledger.close().front() == Account{.published = 1, .consumed = 1});
}

TEST_CASE("stamp: a message says its number, and what was done to it") {
  const Payload payload{42, 100};
  const Stamp stamp{.sequence = 1'000'000'007, .producer = 3, .intended = TimePoint{5s}};
  std::string value = payload.write(stamp);
  REQUIRE(value.size() == 100);
  CHECK(payload.read(value).kind == Payload::Kind::kGood);
  CHECK(payload.read(value).stamp == stamp);
  value[99] = static_cast<char>(value[99] ^ 1);
  CHECK(payload.read(value).kind == Payload::Kind::kDamaged);
  CHECK(payload.read(payload.write(stamp).substr(0, 99)).kind == Payload::Kind::kDamaged);
  CHECK(Payload(43, 100).read(payload.write(stamp)).kind == Payload::Kind::kForeign);
  CHECK(payload.read("hello").kind == Payload::Kind::kForeign);
}

}  // namespace
}  // namespace headgate::load::messages
