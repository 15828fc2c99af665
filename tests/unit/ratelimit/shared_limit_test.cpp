// What a config may say of a limit that several gateways share, and what it hears if not.
#include "headgate/ratelimit/shared_limit.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "headgate/core/text.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
Spec shared_token_bucket(SharedSpec shared = {}) {
  Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = *parse_rate("100/s");
  spec.burst = Tokens{20};
  spec.shared = std::move(shared);
  return spec;
}

std::string fault(const Spec& spec) {
  const auto made = SharedLimit::make(spec);
  return made ? "" : made.error().where + ": " + made.error().why;
}

TEST_CASE("shared limit: options out of their range are refused by name") {
  const auto with = [](auto change) {
    SharedSpec shared;
    change(shared);
    return fault(shared_token_bucket(shared));
  };
  CHECK(with([](SharedSpec&) {}).empty());
  CHECK(with([](SharedSpec& s) { s.timeout = 1ms; }).empty());
  CHECK(with([](SharedSpec& s) { s.timeout = 10s; }).empty());
  CHECK(with([](SharedSpec& s) { s.timeout = 999us; }) == "shared.timeout: must be 1ms to 10s");
  CHECK(with([](SharedSpec& s) { s.timeout = 10s + 1ns; }) == "shared.timeout: must be 1ms to 10s");
  CHECK(with([](SharedSpec& s) { s.lease_time = 1ms; }).empty());
  CHECK(with([](SharedSpec& s) { s.lease_time = 1h; }).empty());
  CHECK(with([](SharedSpec& s) { s.lease_time = 1h + 1ns; }) ==
        "shared.lease_time: must be 1ms to 1h");
  CHECK(with([](SharedSpec& s) { s.gateways = 1; }).empty());
  CHECK(with([](SharedSpec& s) { s.gateways = 10'000; }).empty());
  CHECK(with([](SharedSpec& s) { s.gateways = 0; }) == "shared.gateways: must be 1 to 10k");
  CHECK(with([](SharedSpec& s) { s.gateways = 10'001; }) == "shared.gateways: must be 1 to 10k");
  CHECK(with([](SharedSpec& s) { s.prefix = std::string(64, 'x'); }).empty());
  CHECK(with([](SharedSpec& s) { s.prefix = std::string(65, 'x'); }) ==
        "shared.prefix: must be at most 64 bytes");
  CHECK(with([](SharedSpec& s) { s.lease = Tokens{5}; }) == "shared.lease: needs mode: lease");
  const auto lease = [&](std::int64_t count) {
    return with([count](SharedSpec& s) {
      s.mode = SharedMode::kLease;
      s.lease = Tokens{count};
    });
  };
  CHECK(lease(1).empty());
  CHECK(lease(20).empty());
  CHECK(lease(0) == "shared.lease: must be 1 to the burst, 20");
  CHECK(lease(21) == "shared.lease: must be 1 to the burst, 20");
}

TEST_CASE("shared limit: what cannot be shared says what can") {
  Spec spec = shared_token_bucket();
  spec.algorithm = "concurrency";
  CHECK_THAT(fault(spec), Catch::Contains("algorithm: cannot be shared; take token_bucket"));
  Spec window;
  window.algorithm = "fixed_window";
  window.limit = Tokens{5};
  window.window = 1s;
  window.shared.emplace();
  CHECK(fault(window).empty());
  window.shared->mode = SharedMode::kLease;
  CHECK(fault(window) == "shared.mode: lease needs algorithm: token_bucket");
}

TEST_CASE("shared limit: the catalog refuses a spec that cannot be shared") {
  Spec spec = shared_token_bucket();
  CHECK(make(spec, {.seed = 1}).has_value());
  spec.shared->timeout = 1h;
  CHECK(make(spec, {.seed = 1}).error().where == "shared.timeout");
}

TEST_CASE("shared limit: its tag differs when any of its numbers does") {
  Spec spec = shared_token_bucket();
  CHECK(SharedLimit::make(spec)->tag() == "b100/s+20");
  spec.burst = Tokens{21};
  CHECK(SharedLimit::make(spec)->tag() == "b100/s+21");
  spec.rate = *parse_rate("99/s");
  CHECK(SharedLimit::make(spec)->tag() == "b99/s+21");
}

TEST_CASE("shared options: the words of the modes and rules are read and written alike") {
  for (const std::string_view word : {"exact", "lease"}) {
    CHECK(to_text(*parse_shared_mode(word)) == word);
  }
  for (const std::string_view word : {"admit", "refuse", "local"}) {
    CHECK(to_text(*parse_on_failure(word)) == word);
  }
  CHECK(parse_shared_mode("both").error().where == "mode");
  CHECK(parse_on_failure("deny").error().where == "on_failure");
  CHECK(shared_options().size() == 8);
}

}  // namespace
}  // namespace headgate::ratelimit
