#include "headgate/config/form.hpp"

#include <catch2/catch.hpp>

#include "headgate/config/value.hpp"

namespace {

using namespace headgate::config;
using namespace std::chrono_literals;

struct Pot {
  std::string name;
  std::int64_t size = 7;
  std::optional<std::string> lid;
  std::variant<std::monostate, std::int64_t, std::string> plant;
};

Form<Pot> pot() {
  return Object<Pot>("a pot", "{name: p, herb: mint}")
      .required("name", &Pot::name, text(), "what it is called")
      .optional("size", &Pot::size, whole(1, 99), "how large", "7")
      .optional("lid", &Pot::lid, text(), "what closes it")
      .optional("herb", &Pot::plant, text(), "a herb")
      .optional("bulbs", &Pot::plant, whole(), "or bulbs")
      .unavailable("saucer", "put it on a plate")
      .only_checked("glaze", word({"matt", "bright"}), "not kept", "matt")
      .exactly_one({"herb", "bulbs"})
      .then([](const Node& node, Reading& reading, Pot& made) {
        if (made.name == "broken") reading.error("GW001", node.at, "a broken pot");
      })
      .form();
}

template <class T>
struct Read {
  std::optional<T> value;
  std::string said;
};

template <class T>
Read<T> read(const Form<T>& form, const std::string& text) {
  auto tree = read_text(text, "f");
  REQUIRE(tree.ok());
  std::vector<Diagnostic> found;
  Reading reading{"f", {}, found};
  Read<T> result{.value = form.read(tree.value.root, reading), .said = {}};
  for (const Diagnostic& diagnostic : found) {
    result.said += to_text(diagnostic) + " @" + diagnostic.path + "\n";
  }
  return result;
}

TEST_CASE("an object's fields go to their places, and what is left out keeps its default") {
  const auto full = read(pot(), "{name: p, size: 12, lid: cork, bulbs: 3, glaze: bright}");
  CHECK(full.said.empty());
  CHECK(full.value->name == "p");
  CHECK(full.value->size == 12);
  CHECK(full.value->lid == "cork");
  CHECK(std::get<std::int64_t>(full.value->plant) == 3);
  const auto least = read(pot(), "{name: p, herb: mint}");
  CHECK(least.said.empty());
  CHECK(least.value->size == 7);
  CHECK_FALSE(least.value->lid);
  CHECK(std::get<std::string>(least.value->plant) == "mint");
}

TEST_CASE("each mistake in an object is reported at its place, and all of them at once") {
  CHECK(
      read(pot(), "{nme: p, size: 100, saucer: 1, glaze: dull, zzzzzz: 1}").said ==
      "f:1:2: error[GW001] unknown key 'nme' in a pot; did you mean 'name'? @nme\n"
      "f:1:16: error[GW001] '100' is not 1 to 99 @size\n"
      "f:1:21: error[GW007] 'saucer' is not available in this version; put it on a plate @saucer\n"
      "f:1:39: error[GW001] 'dull' is unknown here; there are: matt, bright @glaze\n"
      "f:1:45: error[GW001] unknown key 'zzzzzz' in a pot; known here: 'name', 'size', 'lid', "
      "'herb', 'bulbs', 'glaze' @zzzzzz\n"
      "f:1:1: error[GW001] a pot needs 'name'; what it is called @\n");
  CHECK(read(pot(), "[1]").said ==
        "f:1:1: error[GW001] expected a pot such as {name: p, herb: mint}, found a list @\n");
  CHECK(read(pot(), "{name: broken, herb: x}").said == "f:1:1: error[GW001] a broken pot @\n");
}

TEST_CASE("of a group exactly one field stands there") {
  CHECK(read(pot(), "{name: p}").said ==
        "f:1:1: error[GW001] a pot needs exactly one of 'herb', 'bulbs' @\n");
  CHECK(read(pot(), "{name: p, herb: mint, bulbs: 3}").said ==
        "f:1:1: error[GW001] a pot has 'herb', 'bulbs'; only one of them can be @\n");
}

TEST_CASE("lists, maps and names say which item is wrong") {
  CHECK(read(list_of(whole(), 1), "[1, x, 3]").said ==
        "f:1:5: error[GW001] 'x' must be written like 2000000, 20k or 2M @1\n");
  CHECK(read(list_of(whole(), 1), "[1, x, 3]").value == std::vector<std::int64_t>{1, 3});
  CHECK(read(list_of(whole(), 2), "[1]").said ==
        "f:1:1: error[GW001] expected at least 2 here @\n");
  CHECK(read(list_of(whole()), "1").said == "f:1:1: error[GW001] expected a list, found '1' @\n");
  const auto pots = read(by_name(pot()), "{a: {name: x, herb: h}, .b: {name: z, herb: h}}");
  CHECK(pots.value->at(0).name == "a");
  CHECK(pots.said.starts_with("f:1:25: error[GW001] '.b' is no name"));
}

TEST_CASE("one of several kinds is chosen by its key") {
  const auto form = OneOf<std::string>("a sound", "{dog: wau}")
                        .option("dog", text(), "barks")
                        .option("cat", text(), "meows")
                        .unavailable("fish", "they are silent")
                        .form();
  CHECK(read(form, "{cat: miau}").value == "miau");
  CHECK(read(form, "{}").said ==
        "f:1:1: error[GW001] a sound needs exactly one of 'dog', 'cat', 'fish' @\n");
  CHECK(read(form, "{cat: a, dog: b}").said ==
        "f:1:1: error[GW001] a sound has 'dog', 'cat'; only one of them can be @\n");
  CHECK(read(form, "{fish: x}").said ==
        "f:1:2: error[GW007] 'fish' is not available in this version; they are silent @fish\n");
  CHECK(read(form, "{cats: x}").said ==
        "f:1:2: error[GW001] unknown key 'cats' in a sound; did you mean 'cat'? @cats\n");
  CHECK(read(form, "miau").said ==
        "f:1:1: error[GW001] expected a sound such as {dog: wau}, found 'miau' @\n");
}

TEST_CASE("a value of the wrong kind shows the right form") {
  CHECK(read(duration(), "10").said ==
        "f:1:1: error[GW001] '10' has no unit; write it like 250us, 10ms, 2s or 1h30m @\n");
  CHECK(read(duration(), "10ms").value == headgate::Duration{10ms});
  CHECK(read(positive_duration(), "0s").said ==
        "f:1:1: error[GW001] '0s' must be more than zero @\n");
  CHECK(read(duration(), "[]").said ==
        "f:1:1: error[GW001] expected a duration such as 10ms, found a list @\n");
  CHECK(read(rate(), "0/s").said == "f:1:1: error[GW001] '0/s' must be more than zero @\n");
  CHECK(read(bytes(), "16").said.contains("512B, 16KiB or 10MB"));
  CHECK(read(share(), "5").said.contains("5% or 0.05"));
  CHECK(read(number(0, 1), "1.5").said == "f:1:1: error[GW001] '1.5' is not 0 to 1 @\n");
  CHECK(read(boolean(), "yes").said == "f:1:1: error[GW001] 'yes' is neither true nor false @\n");
  CHECK(read(boolean(), "true").value == true);
  CHECK(read(whole(), "2M").value == 2'000'000);
  CHECK(read(word({"matt", "bright"}), "Matt").said ==
        "f:1:1: error[GW001] 'Matt' is unknown here; did you mean 'matt'? @\n");
}

TEST_CASE("only bare scalars that some reader takes for something else are ambiguous") {
  for (const char* const scalar : {"yes", "No", "ON", "off", "y", "true", "null", "~", "12", "-1.5",
                                   "1e3", "0x1F", "0o17", "1_000", "1:30", "2026-11-20"}) {
    INFO(scalar);
    const auto result = read(text(), scalar);
    CHECK(result.value == scalar);
    CHECK(result.said.contains("warning[GW006]"));
    CHECK(read(text(), "\"" + std::string{scalar} + "\"").said.empty());
  }
  for (const char* const scalar : {"yesterday", "north", "1a", "3a_b", "1.2.3", "v1",
                                   "127.0.0.1:80", "a:1", "2026-11", "-", "e3"}) {
    INFO(scalar);
    CHECK(read(text(), "\"" + std::string{scalar} + "\"").said.empty());
    CHECK(read(list_of(text()), "[" + std::string{scalar} + "]").said.empty());
  }
  CHECK(read(text(), "\"\"").said == "f:1:1: error[GW001] expected a text, found nothing @\n");
}

// ---- Distributions, arrivals, expectations ----

TEST_CASE("the documented distributions are read, each with its mean") {
  const auto mean_ms = [](const char* written) {
    const auto result = read(distribution(), written);
    INFO(written << "\n" << result.said);
    CHECK(result.said.empty());
    return result.value ? result.value->mean_ns() / 1e6 : -1;
  };
  CHECK(mean_ms("{exponential: 10ms}") == Approx(10));
  CHECK(mean_ms("{exponential: {mean: 10ms}}") == Approx(10));
  CHECK(mean_ms("{constant: 10ms}") == Approx(10));
  CHECK(mean_ms("{uniform: [5ms, 15ms]}") == Approx(10));
  CHECK(mean_ms("{lognormal: {mean: 10ms, cv: 2}}") == Approx(10));
  CHECK(mean_ms("{erlang: {mean: 10ms, stages: 4}}") == Approx(10));
  CHECK(mean_ms("{hyperexponential: {mean: 10ms, cv2: 4}}") == Approx(10));
  CHECK(mean_ms("{weibull: {mean: 10ms, shape: 0.5}}") == Approx(10));
  CHECK(mean_ms("{gamma: {mean: 10ms, cv2: 0.5}}") == Approx(10));
  CHECK(mean_ms("{pareto: {mean: 10ms, shape: 1.5, max: 10s}}") == Approx(10));
  // mu = ln 8 ms, sigma = ln(60/8)/2.326348: mean = 8 ms * exp(sigma²/2) = 8 * 1.45518.
  CHECK(mean_ms("{lognormal: {p50: 8ms, p99: 60ms}}") == Approx(11.6414).epsilon(1e-4));
  CHECK(mean_ms("{mix: [[90%, {constant: 5ms}], [10%, {constant: 100ms}]]}") == Approx(14.5));
}

TEST_CASE("slips in a distribution are mended, and a missing option is named") {
  CHECK(read(distribution(), "{erlang: {mean: 10ms}}").said.contains("'stages' is missing"));
  CHECK(read(distribution(), "{gamma: {mean: 10ms, cv2: 0}}").said.contains("from 0.001 to 100"));
  CHECK(read(distribution(), "{exponental: 10ms}").said.contains("did you mean 'exponential'?"));
  CHECK(read(distribution(), "{exponential: 10}").said.contains("has no unit"));
  CHECK(
      read(distribution(), "{lognormal: {mean: 10ms, cw: 2}}").said.contains("did you mean 'cv'?"));
  CHECK(read(distribution(), "{uniform: [5ms]}").said.contains("GW001"));
  CHECK(read(distribution(), "10ms").said.contains("expected a distribution such as {exponential"));
  CHECK(read(distribution(), "{mix: [[90%, {constant: 5ms}]]}").said.contains("GW001"));
  CHECK(read(distribution(), "{mix: [[90%, 5ms, 3], x]}")
            .said.contains("a share and a distribution"));
}

TEST_CASE("an expectation is a text, or a text with its reason") {
  const auto bare = read(expectation(), "response_time.p99 < 20ms");
  CHECK(bare.value->metric == "response_time.p99");
  const auto reasoned = read(expectation(), "{expect: \"failed_share <= 0.1%\", why: promised}");
  CHECK(reasoned.value->metric == "failed_share");
  CHECK(reasoned.value->why == "promised");
  CHECK(read(expectation(), "response_time.p98 < 20ms").said.contains("GW001"));
  CHECK(read(expectation(), "{why: promised}").said.contains("needs 'expect'"));
}

}  // namespace
