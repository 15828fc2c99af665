// `sim admit` and `sim policies` as their users meet them: decisions worked by hand, and inputs
// that are none.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Ended;
using test::TempDir;

const std::string kPolicies = HG_SOURCE_DIR "/scenarios/policies/";
const std::string kColumns =
    "t_ns,key,cost,admitted,reason,remaining,retry_after_ns,reset_after_ns";

Ended sim(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test::command("sim"));
  return test::run(arguments);
}

/// The rows for a policy and a trace without its header; checks that all went well.
std::string rows(const std::string& policy, const std::string& trace,
                 const std::string& columns = kColumns) {
  const TempDir directory;
  const Ended ended = sim({"admit", "--policy", directory.write("policy.yaml", policy), "--trace",
                           directory.write("trace.csv", "t_ns,key,cost\n" + trace)});
  CHECK(ended.exit_code == 0);
  CHECK(ended.err.empty());
  REQUIRE(ended.out.starts_with(columns + "\n"));
  return ended.out.substr(columns.size() + 1);
}

TEST_CASE(
    "sim admit: a token bucket earns, refuses with the exact wait, and never earns backwards") {
  const Ended ended = sim(
      {"admit", "--policy", kPolicies + "token_bucket.yaml", "--trace", kPolicies + "burst.csv"});
  CHECK(ended.exit_code == 0);
  CHECK(ended.err.empty());
  // 10/s, burst 3: a token each 100 ms.
  CHECK(ended.out == kColumns +
                         "\n"
                         "0,alice,1,1,admitted,2,0,100000000\n"
                         "0,alice,2,1,admitted,0,0,300000000\n"
                         "0,alice,1,0,over_limit,0,100000000,300000000\n"
                         "0,bob,4,0,never,3,-1,0\n"
                         "100000000,alice,1,1,admitted,0,0,300000000\n"
                         "50000000,alice,1,0,over_limit,0,150000000,350000000\n"
                         "300000000,alice,0,1,admitted,1,0,200000000\n"
                         "300000000,alice,2,1,admitted,0,0,300000000\n");
}

TEST_CASE("sim admit: a fixed window counts from multiples of its length") {
  CHECK(rows("rate_limit: {algorithm: fixed_window, limit: 2, window: 1s}",
             "999999999,a,2\n999999999,a,1\n1000000000,a,1\n1000000000,b,3\n") ==
        "999999999,a,2,1,admitted,0,0,1\n"
        "999999999,a,1,0,over_limit,0,1,1\n"
        "1000000000,a,1,1,admitted,1,0,1000000000\n"
        "1000000000,b,3,0,never,2,-1,0\n");
}

TEST_CASE("sim admit: a limit with the key global sees one caller") {
  CHECK(rows("rate_limit: {algorithm: fixed_window, limit: 2, window: 1s, key: global}",
             "0,a,1\n0,b,1\n0,c,1\n") ==
        "0,a,1,1,admitted,1,0,1000000000\n"
        "0,b,1,1,admitted,0,0,1000000000\n"
        "0,c,1,0,over_limit,0,1000000000,1000000000\n");
}

TEST_CASE("sim admit: several limits decide as one, and a refusal spends nothing of any") {
  // Per caller 1 per second, for all 2. a's second request is refused by its own limit and
  // takes nothing from the common one, so b still has it.
  CHECK(rows("rate_limits:\n"
             "- {algorithm: fixed_window, limit: 1, window: 1s}\n"
             "- {algorithm: fixed_window, limit: 2, window: 1s, key: global}\n",
             "0,a,1\n0,a,1\n0,b,1\n0,c,1\n1000000000,c,1\n") ==
        "0,a,1,1,admitted,0,0,1000000000\n"
        "0,a,1,0,over_limit,0,1000000000,1000000000\n"
        "0,b,1,1,admitted,0,0,1000000000\n"
        "0,c,1,0,over_limit,0,1000000000,1000000000\n"
        "1000000000,c,1,1,admitted,0,0,1000000000\n");
}

TEST_CASE("sim admit: a negative cost gives a place back, and a cost of 0 only looks") {
  CHECK(rows("rate_limit: {algorithm: concurrency, limit: 2}",
             "0,a,0\n1,a,2\n2,a,1\n3,a,-1\n4,a,1\n5,a,1\n") ==
        "0,a,0,1,admitted,1,0,-1\n"
        "1,a,2,1,admitted,0,0,-1\n"
        "2,a,1,0,over_limit,0,-1,-1\n"
        "3,a,-1,1,admitted,0,0,-1\n"
        "4,a,1,1,admitted,0,0,-1\n"
        "5,a,1,0,over_limit,0,-1,-1\n");
}

TEST_CASE("sim admit: a leaky queue has one more column, the delay") {
  // One leaves each 100 ms; burst 1: one may wait.
  CHECK(rows("rate_limit: {algorithm: leaky_queue, rate: 10/s, burst: 1}",
             "0,a,1\n0,a,1\n0,a,1\n100000000,a,1\n", kColumns + ",delay_ns") ==
        "0,a,1,1,admitted,1,0,100000000,0\n"
        "0,a,1,1,delayed,0,0,200000000,100000000\n"
        "0,a,1,0,over_limit,0,100000000,200000000,0\n"
        "100000000,a,1,1,delayed,0,0,200000000,100000000\n");
}

TEST_CASE("sim admit: keys are any text, and come back as they were written") {
  CHECK(rows("rate_limit: {algorithm: fixed_window, limit: 1, window: 1s}",
             "0,\"a,\"\"b\"\"\",1\n0,\"a,\"\"b\"\"\",1\r\n0,,1\n0,\xc3\xa4 \xc3\xb6,1") ==
        "0,\"a,\"\"b\"\"\",1,1,admitted,0,0,1000000000\n"
        "0,\"a,\"\"b\"\"\",1,0,over_limit,0,1000000000,1000000000\n"
        "0,,1,1,admitted,0,0,1000000000\n"
        "0,\xc3\xa4 \xc3\xb6,1,1,admitted,0,0,1000000000\n");
}

TEST_CASE("sim admit: what cannot be read is named with its line, and what is right") {
  const TempDir directory;
  const std::string policy =
      directory.write("policy.yaml", "rate_limit: {algorithm: fixed_window, limit: 1, window: 1s}");
  const auto complaint = [&](const std::string& trace) {
    const std::string path = directory.write("trace.csv", trace);
    const Ended ended = sim({"admit", "--policy", policy, "--trace", path});
    CHECK(ended.exit_code == 2);
    REQUIRE(ended.err.starts_with("sim: " + path));
    return ended.err.substr(path.size() + 5);
  };
  CHECK(complaint("") == ": is empty; it starts with the header t_ns,key,cost\n");
  CHECK(complaint("t_ns;key;cost\n") ==
        ":1: expected the header t_ns,key,cost, found 't_ns;key;cost'\n");
  CHECK(complaint("t_ns,key,cost\n0,a,1\n\n") ==
        ":3: expected the three fields t_ns,key,cost; a key with a comma stands in quotes\n");
  CHECK(complaint("t_ns,key,cost\n0,a,b,1\n") ==
        ":2: expected the three fields t_ns,key,cost; a key with a comma stands in quotes\n");
  CHECK(complaint("t_ns,key,cost\n1s,a,1\n") ==
        ":2: t_ns '1s' is no whole number of nanoseconds\n");
  CHECK(complaint("t_ns,key,cost\n9223372036854775808,a,1\n") ==
        ":2: t_ns '9223372036854775808' is no whole number of nanoseconds\n");
  CHECK(complaint("t_ns,key,cost\n0,a,1.5\n") == ":2: cost '1.5' is no whole number\n");
  CHECK(complaint("t_ns,key,cost\n0,a,-9223372036854775808\n") ==
        ":2: cost '-9223372036854775808' is no whole number\n");
  const Ended none = sim({"admit", "--policy", policy, "--trace", directory.path() + "/none.csv"});
  CHECK(none.exit_code == 2);
  CHECK(none.err ==
        "sim: " + directory.path() + "/none.csv: cannot open: No such file or directory\n");
}

TEST_CASE("sim admit: rows before a wrong line are printed") {
  const TempDir directory;
  const Ended ended =
      sim({"admit", "--policy", kPolicies + "token_bucket.yaml", "--trace",
           directory.write("trace.csv", "t_ns,key,cost\n0,a,1\nnonsense\n0,a,1\n")});
  CHECK(ended.exit_code == 2);
  CHECK(ended.out == kColumns + "\n0,a,1,1,admitted,2,0,100000000\n");
}

TEST_CASE("sim admit: a policy that cannot be is named with its place and what is right") {
  const TempDir directory;
  const auto complaint = [&](const std::string& policy) {
    const std::string path = directory.write("policy.yaml", policy);
    const Ended ended = sim({"admit", "--policy", path, "--trace", kPolicies + "burst.csv"});
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    REQUIRE(ended.err.starts_with(path));
    return ended.err.substr(path.size());
  };
  CHECK(complaint("rate_limit: {algorithm: token_buckt, rate: 1/s, burst: 1}")
            .contains(":1:25: error[GW001] 'token_buckt' is unknown here; did you mean "
                      "'token_bucket'?"));
  CHECK(complaint("rate_limit: {algorithm: token_bucket, rate: 0/s, burst: 1}")
            .starts_with(":1:45: error[GW001] "));
  CHECK(complaint("rate_limit: {algorithm: token_bucket, rate: 1/s, burst: 0}")
            .starts_with(":1:57: error[GW001] "));
  CHECK(complaint("rate_limits: [{algorithm: fixed_window, limit: 1}]")
            .contains("fixed_window needs 'window'"));
  CHECK(complaint("balance: {policy: random}").contains("unknown key 'balance'"));
}

TEST_CASE("sim policies: each has its bound, cost and source, and its options their defaults") {
  const auto listed = nlohmann::json::parse(sim({"policies", "--json"}).out);
  const std::string text = sim({"policies"}).out;
  std::size_t count = 0;
  for (const char* const family : {"limiters", "balancers", "resilience"}) {
    for (const auto& entry : listed.at(family).at("entries")) {
      CAPTURE(entry.at("name"));
      ++count;
      for (const char* const key : {"summary", "bound", "cost", "source"}) {
        CAPTURE(key);
        CHECK_FALSE(entry.at(key).get<std::string>().empty());
      }
      CHECK(text.contains("\n  " + entry.at("name").get<std::string>() + "\n"));
      for (const auto& option : entry.at("options")) {
        CAPTURE(option.at("name"));
        CHECK_FALSE(option.at("doc").get<std::string>().empty());
        CHECK(option.at("required").get<bool>() != option.contains("default"));
      }
    }
  }
  CHECK(count >= 30);
}

}  // namespace
}  // namespace headgate
