#include "headgate/ratelimit/consumers.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "headgate/ratelimit/key.hpp"

namespace headgate::ratelimit {
namespace {

const std::vector<Consumer> kTwo = {{.name = "acme", .keys = {"k2", "k1"}},
                                    {.name = "beta", .keys = {"k3"}}};

TEST_CASE("consumers: each is found by any of its keys, and by nothing else") {
  const Consumers consumers{kTwo};
  CHECK_FALSE(consumers.empty());
  CHECK(consumers.find("k1") == "acme");
  CHECK(consumers.find("k2") == "acme");
  CHECK(consumers.find("k3") == "beta");
  for (const char* stranger : {"", "k", "k11", "K1", "k4", "acme"}) {
    CHECK(consumers.find(stranger).empty());
  }
}

TEST_CASE("consumers: without any, nobody is found") {
  CHECK(Consumers{}.empty());
  CHECK(Consumers{}.find("k1").empty());
}

std::uint64_t key_of_caller(std::string_view consumer, std::string_view client) {
  return key_of(consumer_texts(consumer, client), 7);
}

TEST_CASE("consumers: one is one caller from everywhere, a stranger is its address") {
  CHECK(key_of_caller("acme", "192.0.2.1") == key_of_caller("acme", "192.0.2.2"));
  CHECK(key_of_caller("acme", "192.0.2.1") != key_of_caller("beta", "192.0.2.1"));
  CHECK(key_of_caller("", "192.0.2.1") == key_of_caller("", "192.0.2.1"));
  CHECK(key_of_caller("", "192.0.2.1") != key_of_caller("", "192.0.2.2"));
}

TEST_CASE("consumers: one that is called like an address is not the stranger from there") {
  CHECK(key_of_caller("192.0.2.1", "192.0.2.1") != key_of_caller("", "192.0.2.1"));
}

}  // namespace
}  // namespace headgate::ratelimit
