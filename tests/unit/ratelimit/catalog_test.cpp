#include "headgate/ratelimit/catalog.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/time.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

Spec token_bucket() {
  Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = make_rate(100, 1s);
  spec.burst = Tokens{20};
  return spec;
}
Spec fixed_window() {
  Spec spec;
  spec.algorithm = "fixed_window";
  spec.limit = Tokens{100};
  spec.window = 1s;
  return spec;
}

/// "where: why" of a spec that must be refused.
std::string complaint(const Spec& spec) {
  const auto made = make(spec, {.seed = 1});
  if (made) return "made";
  CHECK(made.error().code == Errc::kInvalidConfig);
  return made.error().where + ": " + made.error().why;
}

/// A spec with every option that the algorithm needs.
Spec spec_of(std::string_view algorithm) {
  Spec spec;
  spec.algorithm = algorithm;
  for (const CatalogEntry& entry : catalog()) {
    if (entry.name != algorithm) continue;
    for (const OptionInfo& option : entry.options) {
      if (!option.fallback.empty()) continue;
      if (option.name == "rate") spec.rate = make_rate(100, 1s);
      if (option.name == "burst") spec.burst = Tokens{20};
      if (option.name == "limit") spec.limit = Tokens{100};
      if (option.name == "window") spec.window = 1s;
      if (option.name == "period") spec.period = Period::kMonth;
    }
  }
  return spec;
}

TEST_CASE("limiter catalog: each algorithm says what it is and can be made, for one and for all") {
  REQUIRE(catalog().size() == 9);
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    CHECK_FALSE(entry.summary.empty());
    CHECK_FALSE(entry.guarantee.empty());
    CHECK_FALSE(entry.source.empty());
    CHECK_FALSE(entry.cost.empty());
    Spec spec = spec_of(entry.name);
    CHECK(make(spec, {.seed = 1}));
    spec.key = {{.source = KeySource::kGlobal, .header = {}}};
    auto limiter = make(spec, {.sharing = Sharing::kMulti}).value();
    CHECK(limiter.counters(at(0s)).capacity == 1);
    const std::int64_t before = limiter.peek(1, at(0s)).remaining.count;
    REQUIRE(limiter.admit(1, at(0s)).admitted);
    CHECK(limiter.peek(1, at(0s)).remaining.count == before - 1);
    limiter.refund(1, at(0s));
    CHECK(limiter.peek(1, at(0s)).remaining.count == before);
    CHECK(limiter.counters(at(0s)).live == 0);
  }
}

TEST_CASE("limiter catalog: a limiter decides as its algorithm does") {
  auto bucket = make(token_bucket(), {.seed = 1}).value();
  const std::array<std::string_view, 1> parts{"192.0.2.1"};
  const std::uint64_t caller = bucket.key(parts);
  CHECK(bucket.admit(caller, at(0s), {20}).admitted);
  CHECK(bucket.admit(caller, at(0s)).retry_after == 10ms);
  CHECK(bucket.quota().quota == Tokens{100});
  CHECK(bucket.quota().window == 1s);
  CHECK(bucket.counters(at(0s)).live == 1);
  CHECK(bucket.counters(at(0s)).capacity == 65'536);
  CHECK(bucket.spec().algorithm == "token_bucket");

  auto window = make(fixed_window(), {.seed = 1}).value();
  CHECK(window.admit(caller, at(900ms), {100}).admitted);
  CHECK(window.admit(caller, at(900ms)).retry_after == 100ms);
}

TEST_CASE("limiter catalog: windows and periods end by the calendar of the host") {
  // The run begins at 12:34:56 UTC of some day.
  const Hosting hosting{.seed = 1, .epoch = 24h * 20'000 + 12h + 34min + 56s};
  Spec minute = fixed_window();
  minute.window = 60s;
  CHECK(make(minute, hosting).value().admit(1, at(0s)).reset_after == 4s);
  minute.start = WindowStart::kFirstHit;
  CHECK(make(minute, hosting).value().admit(1, at(0s)).reset_after == 60s);
  Spec day = spec_of("quota");
  day.period = Period::kDay;
  CHECK(make(day, hosting).value().admit(1, at(0s)).reset_after == 11h + 25min + 4s);
}

TEST_CASE("limiter catalog: a limiter keeps what was spent when it moves") {
  auto first = make(token_bucket(), {.seed = 1}).value();
  REQUIRE(first.admit(7, at(0s), {20}).admitted);
  Limiter second = std::move(first);
  CHECK_FALSE(second.admit(7, at(0s)).admitted);
}

TEST_CASE("limiter catalog: an unknown algorithm is refused with what there is") {
  Spec spec = token_bucket();
  spec.algorithm = "tokenbucket";
  CHECK(complaint(spec) ==
        "algorithm: 'tokenbucket' is not known; did you mean 'token_bucket'?; there are: "
        "token_bucket, fixed_window, sliding_log, sliding_counter, leaky_bucket, leaky_queue, "
        "strict_window, concurrency, quota");
}

TEST_CASE("limiter catalog: an option that is missing or of another algorithm is named") {
  Spec spec = token_bucket();
  spec.burst.reset();
  CHECK(complaint(spec) == "burst: is required by token_bucket");
  spec = token_bucket();
  spec.window = 1s;
  CHECK(complaint(spec) == "window: is no option of token_bucket, which has: rate, burst");
  spec = fixed_window();
  spec.limit.reset();
  CHECK(complaint(spec) == "limit: is required by fixed_window");
  spec = fixed_window();
  spec.rate = make_rate(1, 1s);
  CHECK(complaint(spec) == "rate: is no option of fixed_window, which has: limit, window, start");
}

TEST_CASE("limiter catalog: a value out of range is named") {
  Spec spec = token_bucket();
  spec.burst = Tokens{0};
  CHECK(complaint(spec) == "burst: must be 1 to 1000000000 tokens at 100/s");
  spec = fixed_window();
  spec.window = 0s;
  CHECK(complaint(spec) == "window: must be 1ms to 36 years");
  spec = token_bucket();
  spec.max_keys = 0;
  CHECK(complaint(spec) == "max_keys: must be 1 to 100M");
  spec.max_keys = 100'000'001;
  CHECK(complaint(spec) == "max_keys: must be 1 to 100M");
  spec.max_keys = 1;
  CHECK(complaint(spec) == "made");
  spec = token_bucket();
  spec.key.clear();
  CHECK(complaint(spec) == "key: must have at least one part");
}

TEST_CASE("limiter catalog: what each algorithm cannot do is refused and the field is named") {
  Spec spec = spec_of("strict_window");
  spec.limit = Tokens{1};
  CHECK(complaint(spec) == "limit: must be 2 to 1G tokens: one at once and one to earn");
  spec = spec_of("strict_window");
  spec.burst = Tokens{100};
  CHECK(complaint(spec) ==
        "burst: must be 1 to 99: below the limit, as what is left of it is earned over the window");
  spec = spec_of("strict_window");
  spec.limit = Tokens{1'000'000'000};
  spec.window = 1ms;
  CHECK(complaint(spec) == "limit: must be at most one token per nanosecond of the window");
  spec = spec_of("leaky_queue");
  spec.delay = Tokens{21};
  CHECK(complaint(spec) == "delay: must be 0 to the burst");
  spec = spec_of("token_bucket");
  spec.rate = Rate{.count = 0, .per = 1s};
  CHECK(complaint(spec) == "rate: must be above 0 and at most 1G/s");
  spec = spec_of("concurrency");
  spec.limit = Tokens{0};
  CHECK(complaint(spec) == "limit: must be 1 to 1G requests at once");
  spec = spec_of("sliding_log");
  spec.limit = Tokens{1'000'000};
  CHECK(complaint(spec) ==
        "limit: must be at most 32768 with max_keys 65536: the logs may take 16 GiB; lower "
        "max_keys, or take strict_window");
  spec.max_keys = 1'000;
  CHECK(complaint(spec) == "made");
}

TEST_CASE("limiter catalog: a limit on everyone takes one slot") {
  Spec spec = token_bucket();
  spec.key = {{.source = KeySource::kGlobal, .header = {}}};
  CHECK(make(spec, {.seed = 1}).value().counters(at(0s)).capacity == 1);
}

TEST_CASE("limiter catalog: overflow rules are read and printed") {
  for (const auto& [text, overflow] :
       {std::pair{"steal_oldest", Overflow::kStealOldest}, std::pair{"admit", Overflow::kAdmit},
        std::pair{"refuse", Overflow::kRefuse}}) {
    CHECK(parse_overflow(text).value() == overflow);
    CHECK(to_text(overflow) == text);
  }
  CHECK(parse_overflow("drop").error().where == "overflow");
}

TEST_CASE("limiter catalog: what all algorithms have is there once, with its default") {
  std::vector<std::pair<std::string_view, std::string_view>> seen;
  for (const OptionInfo& option : common_options()) {
    seen.emplace_back(option.name, option.fallback);
    CHECK_FALSE(option.doc.empty());
    CHECK((option.kind == ValueKind::kChoice) == !option.choices.empty());
  }
  CHECK(seen == std::vector<std::pair<std::string_view, std::string_view>>{
                    {"key", "client_ip"},
                    {"max_keys", "65536"},
                    {"overflow", "steal_oldest"},
                    {"ipv4_prefix", "32"},
                    {"ipv6_prefix", "64"},
                    {"name", "the route's, and .1, .2, … if it has several limits"},
                    {"fields", "standard"},
                    {"fields_on", "all"},
                    {"retry_jitter", "0s"}});
}

TEST_CASE("limiter catalog: prefixes are those of addresses, and jitter at most an hour") {
  Spec spec = token_bucket();
  CHECK(prefixes_of(spec) == AddressPrefixes{.ipv4 = 32, .ipv6 = 64});
  spec.ipv4_prefix = 24;
  spec.ipv6_prefix = 56;
  CHECK(prefixes_of(spec) == AddressPrefixes{.ipv4 = 24, .ipv6 = 56});
  for (const std::int64_t good : {1, 32}) {
    spec.ipv4_prefix = good;
    CHECK(complaint(spec) == "made");
  }
  for (const std::int64_t bad : {0, 33}) {
    spec.ipv4_prefix = bad;
    CHECK(complaint(spec) == "ipv4_prefix: must be 1 to 32 bits of the address");
  }
  spec.ipv4_prefix.reset();
  for (const std::int64_t good : {1, 128}) {
    spec.ipv6_prefix = good;
    CHECK(complaint(spec) == "made");
  }
  for (const std::int64_t bad : {0, 129}) {
    spec.ipv6_prefix = bad;
    CHECK(complaint(spec) == "ipv6_prefix: must be 1 to 128 bits of the address");
  }
  spec.ipv6_prefix = 56;
  spec.key = {parse_key_part("header:x-key").value()};
  CHECK(complaint(spec) ==
        "ipv6_prefix: is for keys with client_ip or consumer: no other has an address");
  spec = token_bucket();
  spec.retry_jitter = 1h;
  CHECK(complaint(spec) == "made");
  for (const Duration bad : {Duration{-1}, Duration{1h} + Duration{1}}) {
    spec.retry_jitter = bad;
    CHECK(complaint(spec) == "retry_jitter: must be 0s to 1h");
  }
}

TEST_CASE("limiter catalog: every reason has a text") {
  CHECK(to_text(Reason::kAdmitted) == "admitted");
  CHECK(to_text(Reason::kOverLimit) == "over_limit");
  CHECK(to_text(Reason::kNever) == "never");
  CHECK(to_text(Reason::kTableFull) == "table_full");
  CHECK(to_text(Reason::kDelayed) == "delayed");
}

TEST_CASE("limiter key: parts are read and printed") {
  for (const char* text :
       {"client_ip", "consumer", "route", "service", "global", "header:x-api-key"}) {
    CHECK(to_text(parse_key_part(text).value()) == text);
  }
  CHECK(parse_key_part("header:X-Api-Key").value().header == "x-api-key");
  CHECK(parse_key_part("header:").error().why == "header:NAME needs the name of a header field");
  CHECK_FALSE(parse_key_part("header:a b"));
  CHECK(parse_key_part("clientip").error().why ==
        "'clientip' is no part of a request; did you mean 'client_ip'?; there are: client_ip, "
        "consumer, header:NAME, route, service, global");
  CHECK(parse_key_part("cookie").error().where == "key");
}

TEST_CASE("limiter key: texts that differ, or differ in where they part, are different callers") {
  using Parts = std::vector<std::string_view>;
  const std::vector<Parts> callers{{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"},
                                   {"abc"},     {"c", "ab"}, {""},        {"", ""}};
  for (std::size_t a = 0; a < callers.size(); ++a) {
    for (std::size_t b = 0; b < callers.size(); ++b) {
      CAPTURE(a, b);
      CHECK((key_of(callers[a], 5) == key_of(callers[b], 5)) == (a == b));
    }
  }
  CHECK(key_of(callers[0], 5) != key_of(callers[0], 6));
}

}  // namespace
}  // namespace headgate::ratelimit
