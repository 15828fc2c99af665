// What clients are told of limits. The expected lines are worked by hand from the rules of IETF
// draft-ietf-httpapi-ratelimit-headers-10, RFC 9651 and RFC 9110.
#include "headgate/ratelimit/fields.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

constexpr FieldFamilies kLegacy{FieldFamily::kLegacy};
constexpr FieldFamilies kX{FieldFamily::kX};
constexpr Duration kEpoch = 1'700'000'000s;

struct Limit {
  Label label;
  Standing standing;
};

Limit limit(const char* name, std::int64_t quota, std::chrono::seconds window,
            std::int64_t remaining, Duration more_after = kNever, Duration reset_after = kNever) {
  return {.label = {.name = name, .quota = {.quota = {quota}, .window = window}},
          .standing = {.known = true,
                       .at = TimePoint{10s},
                       .remaining = {remaining},
                       .more_after = more_after,
                       .reset_after = reset_after}};
}

Limit in(FieldFamilies families, Limit limit) {
  limit.label.families = families;
  return limit;
}

std::string fields(const std::vector<Limit>& limits, Duration now = 10s, bool refused = false,
                   std::size_t room = kFieldsMax) {
  std::vector<Label> labels;
  std::vector<Standing> standings;
  for (const Limit& each : limits) {
    labels.push_back(each.label);
    standings.push_back(each.standing);
  }
  std::string out(room, '?');
  out.resize(write_limit_fields(labels, standings,
                                {.now = TimePoint{now}, .epoch = kEpoch, .refused = refused}, out));
  return out;
}

TEST_CASE("fields: policy and state are structured fields, in whole seconds rounded up") {
  CHECK(fields({limit("burst", 100, 60s, 50, 29'000'000'001ns)}) ==
        "RateLimit-Policy: \"burst\";q=100;w=60\r\nRateLimit: \"burst\";r=50;t=30\r\n");
  CHECK(fields({limit("burst", 100, 60s, 50, 29s)}) ==
        "RateLimit-Policy: \"burst\";q=100;w=60\r\nRateLimit: \"burst\";r=50;t=29\r\n");
  CHECK(fields({limit("p", 5, 1s, 0)}) ==
        "RateLimit-Policy: \"p\";q=5;w=1\r\nRateLimit: \"p\";r=0\r\n");
}

TEST_CASE("fields: several limits are items of one list, in their order") {
  CHECK(fields({limit("burst", 100, 60s, 50, 1s), limit("daily", 1000, 86'400s, 7, 3600s)}) ==
        "RateLimit-Policy: \"burst\";q=100;w=60, \"daily\";q=1000;w=86400\r\n"
        "RateLimit: \"burst\";r=50;t=1, \"daily\";r=7;t=3600\r\n");
}

TEST_CASE("fields: a limit that has not said what is left has a policy and no state") {
  Limit silent = limit("a", 1, 1s, 1);
  silent.standing.known = false;
  CHECK(fields({silent}) == "RateLimit-Policy: \"a\";q=1;w=1\r\n");
  CHECK(fields({silent, limit("b", 2, 2s, 2)}) ==
        "RateLimit-Policy: \"a\";q=1;w=1, \"b\";q=2;w=2\r\nRateLimit: \"b\";r=2\r\n");
  CHECK(fields({in(kLegacy, silent)}).empty());
}

TEST_CASE("fields: a limit of concurrency has a unit and no window") {
  Limit places = limit("places", 4, 1s, 3);
  places.label.quota.concurrent = true;
  CHECK(fields({places}) ==
        "RateLimit-Policy: \"places\";q=4;qu=\"concurrent-requests\"\r\n"
        "RateLimit: \"places\";r=3\r\n");
}

TEST_CASE("fields: a name cannot leave its quotes, a number its range") {
  CHECK(fields({limit("a\"b\\c\r\nX: 1\x7f", INT64_MAX, 1s, INT64_MAX)}) ==
        "RateLimit-Policy: \"a\\\"b\\\\c??X: 1?\";q=999999999999999;w=1\r\n"
        "RateLimit: \"a\\\"b\\\\c??X: 1?\";r=999999999999999\r\n");
  CHECK(fields({limit("p ~", 1, 1s, -3)}) ==
        "RateLimit-Policy: \"p ~\";q=1;w=1\r\nRateLimit: \"p ~\";r=0\r\n");
}

TEST_CASE("fields: the time that an answer took counts") {
  const Limit said_at_10s = limit("p", 5, 60s, 0, 3s, 4s);
  CHECK(fields({said_at_10s}, 11'500ms).ends_with("r=0;t=2\r\n"));
  CHECK(fields({said_at_10s}, 13s).ends_with("r=0;t=0\r\n"));
  CHECK(fields({said_at_10s}, 99s).ends_with("r=0;t=0\r\n"));
  CHECK(fields({in(kLegacy, said_at_10s)}, 11'500ms).ends_with("Reset: 3\r\n"));
  CHECK(fields({in(kLegacy, said_at_10s)}, 99s).ends_with("Reset: 0\r\n"));
  // A date stays what it is.
  CHECK(fields({in(kX, said_at_10s)}, 11'500ms).ends_with("Reset: 1700000014\r\n"));
}

TEST_CASE("fields: legacy counts seconds from now, x since 1970, both rounded up") {
  const Limit some = limit("p", 100, 60s, 42, 1s, 2'500ms);
  CHECK(fields({in(kLegacy, some)}) ==
        "RateLimit-Limit: 100\r\nRateLimit-Remaining: 42\r\nRateLimit-Reset: 3\r\n");
  CHECK(fields({in(kX, some)}) ==
        "X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 42\r\nX-RateLimit-Reset: 1700000013\r\n");
  CHECK(fields({in(kLegacy, limit("p", 100, 60s, 100, kNever, 0s))}).ends_with("Reset: 0\r\n"));
  CHECK(fields({in(kLegacy, limit("p", 100, 60s, 42))}) ==
        "RateLimit-Limit: 100\r\nRateLimit-Remaining: 42\r\n");
  // 9223372036.854775806 s after 1700000010 s.
  CHECK(fields({in(kX, limit("p", 1, 1s, 0, kNever, kNever - 1ns))})
            .ends_with("X-RateLimit-Reset: 10923372047\r\n"));
}

TEST_CASE("fields: what can tell of one limit tells of the tightest") {
  const Limit half = in(kLegacy, limit("a", 100, 60s, 50, 1s, 1s));
  const Limit more = in(kLegacy, limit("b", 9, 60s, 5, 1s, 9s));       // 5/9 > 1/2
  const Limit less = in(kLegacy, limit("c", 1000, 60s, 499, 1s, 9s));  // 0.499 < 1/2
  const Limit same = in(kLegacy, limit("d", 4, 60s, 2, 1s, 2s));
  const auto told = [](const std::vector<Limit>& limits) {
    const std::string text = fields(limits);
    return text.substr(17, text.find('\r') - 17);
  };
  CHECK(told({half, more}) == "100");
  CHECK(told({more, half}) == "100");
  CHECK(told({half, less, more}) == "1000");
  CHECK(told({half, same}) == "4");  // as much left, and for longer
  CHECK(told({same, half}) == "4");
  Limit unknown = same;
  unknown.standing.reset_after = kNever;
  CHECK(told({unknown, half}) == "100");  // as much left, and known for how long
  CHECK(told({half, unknown}) == "100");
  CHECK(told({in(kX, less), half}) == "100");  // of another family
  Limit silent = less;
  silent.standing.known = false;
  CHECK(told({silent, half}) == "100");
}

TEST_CASE("fields: each limit is told of in the families of its own, or in none") {
  const Limit a = limit("a", 1, 1s, 0, 1s, 1s);
  const Limit b = limit("b", 2, 2s, 1, 2s, 2s);
  CHECK(fields({in({}, a)}).empty());
  CHECK(fields({}).empty());
  CHECK(fields({in({FieldFamily::kStandard, FieldFamily::kX}, a), in(kLegacy, b)}) ==
        "RateLimit-Policy: \"a\";q=1;w=1\r\nRateLimit: \"a\";r=0;t=1\r\n"
        "RateLimit-Limit: 2\r\nRateLimit-Remaining: 1\r\nRateLimit-Reset: 2\r\n"
        "X-RateLimit-Limit: 1\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1700000011\r\n");
}

TEST_CASE("fields: a limit that is told of on refusals only is silent on other answers") {
  Limit a = limit("a", 1, 1s, 0);
  a.label.on = FieldsOn::kRefused;
  Limit old = in(kLegacy, a);
  CHECK(fields({a, old}).empty());
  CHECK(fields({a, limit("b", 2, 2s, 2)}) ==
        "RateLimit-Policy: \"b\";q=2;w=2\r\nRateLimit: \"b\";r=2\r\n");
  CHECK(fields({a, old}, 10s, true) ==
        "RateLimit-Policy: \"a\";q=1;w=1\r\nRateLimit: \"a\";r=0\r\n"
        "RateLimit-Limit: 1\r\nRateLimit-Remaining: 0\r\n");
}

TEST_CASE("fields: the longest there are fit into the room that is promised, and in no less") {
  const std::string name(200, 'n');
  std::vector<Limit> limits;
  for (std::size_t count = 1; count <= 8; ++count) {
    Limit longest = limit(name.c_str(), INT64_MAX, std::chrono::seconds{INT64_MAX}, INT64_MAX,
                          kNever - 1ns, kNever - 1ns);
    longest.label.families = {FieldFamily::kStandard, FieldFamily::kLegacy, FieldFamily::kX};
    longest.label.quota.concurrent = count % 2 == 0;
    limits.push_back(longest);
    const std::size_t size = fields(limits, 10s, true, fields_size_max(count, 200 * count)).size();
    CHECK(size > 400 * count);
    CHECK(fields(limits, 10s, true, size).size() == size);
    CHECK(fields(limits, 10s, true, size - 1).empty());
  }
}

TEST_CASE("fields: Retry-After is at least a second and never too early") {
  const auto retry = [](Duration wait) {
    std::array<char, 64> out{};
    return std::string{out.data(), write_retry_after(wait, out)};
  };
  CHECK(retry(1ns) == "Retry-After: 1\r\n");
  CHECK(retry(1s) == "Retry-After: 1\r\n");
  CHECK(retry(1s + 1ns) == "Retry-After: 2\r\n");
  CHECK(retry(0s) == "Retry-After: 1\r\n");
  CHECK(retry(kNever).empty());
  CHECK(ceil_seconds(kNever - 1ns) == 9'223'372'037);
  CHECK(ceil_seconds(-5s) == 0);
  std::array<char, 15> small{};
  CHECK(write_retry_after(1s, small) == 0);
}

Decision refused_for(Duration retry_after, Reason reason = Reason::kOverLimit) {
  return {.admitted = false, .reason = reason, .retry_after = retry_after};
}

TEST_CASE("wait to tell: exact without jitter, a second if unknown, never if no wait will do") {
  Random random{1};
  CHECK(wait_to_tell(refused_for(1'234ms), 0s, random) == 1'234ms);
  CHECK(wait_to_tell(refused_for(kNever), 0s, random) == 1s);
  CHECK(wait_to_tell(refused_for(kNever, Reason::kNever), 0s, random) == kNever);
  CHECK(wait_to_tell(refused_for(kNever, Reason::kNever), 5s, random) == kNever);
  CHECK(random.bits() == Random{1}.bits());  // nothing was drawn
}

TEST_CASE("wait to tell: jitter only adds, takes every value up to its size, and is seeded") {
  Random random{7};
  Random same{7};
  std::set<std::int64_t> added;
  for (int i = 0; i < 200; ++i) {
    const Duration wait = wait_to_tell(refused_for(2s), 3ns, random);
    CHECK(wait == wait_to_tell(refused_for(2s), 3ns, same));
    added.insert((wait - Duration{2s}).count());
  }
  CHECK(added == std::set<std::int64_t>{0, 1, 2, 3});
  // The mean of uniform 0 to 500 ms over 10,000 draws: 250 ms, standard error 1.5 ms.
  Duration sum{};
  for (int i = 0; i < 10'000; ++i) sum += wait_to_tell(refused_for(kNever), 500ms, random) - 1s;
  CHECK(sum / 10'000 > 243ms);
  CHECK(sum / 10'000 < 257ms);
  const Duration longest = kNever - 2ns;
  for (int i = 0; i < 20; ++i) CHECK(wait_to_tell(refused_for(longest), 1h, random) >= longest);
  for (int i = 0; i < 20; ++i) CHECK(wait_to_tell(refused_for(longest), 1h, random) < kNever);
}

TEST_CASE("fields: families and answers have names") {
  for (const FieldFamily family : kFieldFamilies) {
    CHECK(parse_field_family(to_text(family)).value() == family);
  }
  CHECK(to_text(FieldFamily::kStandard) == "standard");
  CHECK(to_text(FieldFamily::kLegacy) == "legacy");
  CHECK(to_text(FieldFamily::kX) == "x");
  CHECK(parse_field_family("none").error().where == "fields");
  CHECK(parse_fields_on("all").value() == FieldsOn::kAll);
  CHECK(parse_fields_on("refused").value() == FieldsOn::kRefused);
  CHECK(to_text(FieldsOn::kRefused) == "refused");
  CHECK(parse_fields_on("some").error().where == "fields_on");
  CHECK(parse_fields_on("some").error().why == "must be all or refused");
}

TEST_CASE("fields: those of one value are known by name, lists give way to nobody") {
  CHECK(single_fields(FieldFamily::kStandard).empty());
  CHECK(single_fields(FieldFamily::kLegacy)[2] == "RateLimit-Reset");
  CHECK(single_fields(FieldFamily::kX)[0] == "X-RateLimit-Limit");
}

TEST_CASE("fields: a set of families has what was added to it") {
  FieldFamilies set;
  CHECK(set.empty());
  set.add(FieldFamily::kX);
  CHECK(set == FieldFamilies{FieldFamily::kX});
  CHECK(set.has(FieldFamily::kX));
  CHECK_FALSE(set.has(FieldFamily::kLegacy));
  CHECK_FALSE(set.has(FieldFamily::kStandard));
}

}  // namespace
}  // namespace headgate::ratelimit
