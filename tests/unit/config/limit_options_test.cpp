// What a config says of a limit beside how it counts: who is one caller, and what clients are told.
#include <catch2/catch.hpp>
#include <string>

#include "headgate/config/gateway_config.hpp"

namespace headgate::config {
namespace {

using ratelimit::FieldFamilies;
using ratelimit::FieldFamily;
using ratelimit::FieldsOn;
using namespace std::chrono_literals;

Loaded<GatewayConfig> load_filters(const std::string& filters) {
  return load_gateway_text(
      "listeners: [{name: http, bind: \"127.0.0.1:1\"}]\n"
      "services: {s: {targets: [{url: \"http://a\"}]}}\n"
      "routes: [{name: r, service: s, filters: [\n" +
          filters + "]}]\n",
      "f");
}

std::string limit(const std::string& options) {
  return "{rate_limit: {algorithm: token_bucket, rate: 1/s, burst: 2, " + options + "}}";
}

/// The limit with these options of the only filter.
ratelimit::Spec spec(const std::string& options) {
  const auto loaded = load_filters(limit(options));
  INFO(options);
  REQUIRE(loaded.ok());
  return std::get<RateLimitFilter>(loaded.value.routes.at(0).filters.at(0)).limits.at(0);
}

std::string said_of(const std::string& filters) {
  std::string text;
  for (const Diagnostic& diagnostic : load_filters(filters).diagnostics)
    text += to_text(diagnostic) + "\n";
  return text;
}

TEST_CASE("limit options: fields are one family, a list of them, or none") {
  CHECK(spec("key: global").fields == FieldFamilies{FieldFamily::kStandard});
  CHECK(spec("fields: standard").fields == FieldFamilies{FieldFamily::kStandard});
  CHECK(spec("fields: legacy").fields == FieldFamilies{FieldFamily::kLegacy});
  CHECK(spec("fields: x").fields == FieldFamilies{FieldFamily::kX});
  CHECK(spec("fields: none").fields.empty());
  CHECK(spec("fields: [x, standard]").fields ==
        FieldFamilies{FieldFamily::kStandard, FieldFamily::kX});
}

TEST_CASE("limit options: a slip in fields is refused with what was meant") {
  CHECK(said_of(limit("fields: standart")) ==
        "f:4:69: error[GW001] 'standart' is unknown here; did you mean 'standard'?\n");
  CHECK(said_of(limit("fields: github")) ==
        "f:4:69: error[GW001] 'github' is unknown here; there are: standard, legacy, x, none\n");
  CHECK(said_of(limit("fields: [x, none]")) ==
        "f:4:73: error[GW001] 'none' is unknown here; there are: standard, legacy, x\n");
  CHECK(said_of(limit("fields: []")).contains("f:4:69: error[GW001]"));
  CHECK(said_of(limit("feilds: x"))
            .contains("unknown key 'feilds' in a rate limit; did you mean 'fields'?"));
  CHECK(said_of(limit("fields_on: always")) ==
        "f:4:72: error[GW001] 'always' is unknown here; there are: all, refused\n");
}

TEST_CASE("limit options: fields stand on all answers unless only refusals are to have them") {
  CHECK(spec("key: global").fields_on == FieldsOn::kAll);
  CHECK(spec("fields_on: refused").fields_on == FieldsOn::kRefused);
}

TEST_CASE("limit options: jitter is a duration of at most an hour") {
  CHECK(spec("key: global").retry_jitter == Duration{0});
  CHECK(spec("retry_jitter: 500ms").retry_jitter == Duration{500ms});
  CHECK(spec("retry_jitter: 0s").retry_jitter == Duration{0});
  CHECK(said_of(limit("retry_jitter: 2h")) ==
        "f:4:75: error[GW001] 'retry_jitter' must be 0s to 1h\n");
  CHECK(said_of(limit("retry_jitter: 500")).contains("f:4:75: error[GW001]"));
}

TEST_CASE("limit options: a prefix is within its address, and for keys that have one") {
  CHECK_FALSE(spec("key: client_ip").ipv6_prefix.has_value());
  CHECK(spec("ipv4_prefix: 24, ipv6_prefix: 48").ipv4_prefix == 24);
  CHECK(spec("ipv4_prefix: 24, ipv6_prefix: 48").ipv6_prefix == 48);
  CHECK(spec("key: [route, client_ip], ipv6_prefix: 128").ipv6_prefix == 128);
  for (const char* const bad : {"ipv4_prefix: 0", "ipv4_prefix: 33", "ipv6_prefix: 0",
                                "ipv6_prefix: 129", "ipv6_prefix: /64", "ipv4_prefix: all"}) {
    INFO(bad);
    CHECK(said_of(limit(bad)).starts_with("f:4:74: error[GW001] "));
  }
  CHECK(said_of(limit("key: global, ipv6_prefix: 56")) ==
        "f:4:87: error[GW001] 'ipv6_prefix' is for keys with client_ip or consumer: no other has "
        "an address\n");
}

TEST_CASE("limit options: a limit has the name of its route, several have numbers too") {
  const auto names = [](const std::string& filters) {
    std::string all;
    const auto loaded = load_filters(filters);
    REQUIRE(loaded.ok());
    for (const FilterConfig& filter : loaded.value.routes.at(0).filters) {
      for (const auto& each : std::get<RateLimitFilter>(filter).limits) all += each.name + " ";
    }
    return all;
  };
  const std::string bucket = "{algorithm: token_bucket, rate: 1/s, burst: 2}";
  CHECK(names("{rate_limit: " + bucket + "}") == "r ");
  CHECK(names(limit("name: per-client")) == "per-client ");
  CHECK(names("{rate_limits: [" + bucket + ", " + bucket + "]}, " + limit("name: last")) ==
        "r.1 r.2 last ");
}

TEST_CASE("limit options: two limits of one name, and more than a head can hold, are refused") {
  CHECK(said_of(limit("name: a") + ", " + limit("name: a")) ==
        "f:3:41: error[GW002] two limits of the route are called 'a'; clients know limits by "
        "their names\n");
  CHECK(said_of(limit("name: r.2") + ", " + limit("key: global")).contains("called 'r.2'"));
  CHECK(said_of(limit("name: a") + ", " + limit("name: b")).empty());
  CHECK(said_of(limit("name: a b")).contains("is no name"));
  // 384 + 8 * (112 + 2 * 176) = 4096 bytes just fit.
  const auto eight = [](std::size_t length) {
    std::string filters;
    for (char c = 'a'; c < 'i'; ++c) {
      filters += (filters.empty() ? "" : ", ") + limit("name: " + std::string(length, c));
    }
    return filters;
  };
  CHECK(said_of(eight(176)).empty());
  CHECK(said_of(eight(177)).contains("the route has too many limits, or their names are too long"));
}

}  // namespace
}  // namespace headgate::config
