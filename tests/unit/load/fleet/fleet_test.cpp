#include <catch2/catch.hpp>
#include <deque>
#include <nlohmann/json.hpp>

#include "headgate/load/fleet/assemble.hpp"
#include "headgate/load/fleet/coordinator.hpp"
#include "headgate/load/fleet/link.hpp"
#include "headgate/load/second_json.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load::fleet {
namespace {

using namespace std::chrono_literals;

config::LoadPlan plan(std::uint32_t per_second) {
  config::LoadPlan plan;
  plan.targets = {*config::parse_target("http://127.0.0.1:9/")};
  plan.requests.emplace_back();
  plan.connections = 6;
  plan.duration = 2s;
  plan.arrivals = arrival::Arrivals{arrival::ConstantArrivals{make_rate(per_second, 1s)}};
  return plan;
}

Job job(std::uint32_t per_second) { return *Job::prepare(plan(per_second)); }

/// What an agent with slice `index` of `of` would have measured, with response times of its own.
Summary part_of(const Job& whole, std::uint32_t index, std::uint32_t of) {
  const std::uint64_t size = *schedule_size(whole);
  Measured measured;
  Tally& tally = measured.tally;
  tally.targets.resize(1);
  for (std::uint64_t i = index; i < size; i += of) {
    ++tally.totals.scheduled;
    ++tally.totals.ok;
    tally.response_time.record(1us * (i + 1));
  }
  measured.window = 2s;
  measured.evidence.open_loop = true;
  return summarise(std::move(measured), whole, {}, report::Manifest{});
}

Part delivered(const std::string& name, const Summary& summary) {
  return {.agent = name, .result = report::to_text(to_json(summary)), .why = {}};
}

TEST_CASE("fleet: the parts' histograms together are the whole one, bit for bit") {
  const Job whole = job(1000);
  std::vector<Part> parts;
  stats::Histogram sum;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Summary part = part_of(whole, i, 3);
    sum.merge(part.measured.tally.response_time);
    parts.push_back(delivered("agent-" + std::to_string(i), part));
  }
  const auto merged = assemble(parts, whole, {});
  REQUIRE(merged);
  CHECK(merged->measured.tally.totals.scheduled == 2000);  // 1000/s for 2 s
  CHECK(merged->measured.tally.response_time == sum);
  CHECK(merged->measured.tally.response_time.encode() == sum.encode());
  CHECK(merged->causes.empty());
  REQUIRE(merged->agents.size() == 3);
  CHECK(merged->agents[0].scheduled == 667);
  CHECK(merged->agents[2].scheduled == 666);
}

TEST_CASE("fleet: a part that is missing makes the run invalid, and says how much of it") {
  const Job whole = job(100);
  const std::vector<Part> parts{
      delivered("a", part_of(whole, 0, 2)),
      {.agent = "b", .result = {}, .why = "nothing was heard of it for 3 s"}};
  const auto merged = assemble(parts, whole, {});
  REQUIRE(merged);
  REQUIRE(merged->causes.size() == 2);
  CHECK(merged->causes[0] == "agent b is missing: nothing was heard of it for 3 s");
  CHECK(merged->causes[1] == "100 of the schedule's 200 requests are missing");
  CHECK(exit_code(*merged) == ExitCode::kInvalid);
  CHECK_THAT(to_text(*merged, false), Catch::Contains("missing: nothing was heard"));
  const auto json = to_json(*merged);
  CHECK(json["agents"]["b"]["missing"] == "nothing was heard of it for 3 s");
  CHECK(json["agents"]["a"]["scheduled"] == 100);
}

TEST_CASE("fleet: a schedule's size is what it has, and unknown where answers decide") {
  CHECK(schedule_size(job(250)) == 500);
  config::LoadPlan closed = plan(1);
  closed.arrivals.reset();
  CHECK_FALSE(schedule_size(*Job::prepare(closed)));
  closed.duration.reset();
  closed.count = 77;
  CHECK(schedule_size(*Job::prepare(closed)) == 77);
}

TEST_CASE("fleet: a clock that is off is warned of, one within its error is not") {
  const AgentPart off{.name = "east", .clock_offset = -8ms, .clock_error = 200us};
  const AgentPart unsure{.name = "west", .clock_offset = 8ms, .clock_error = 4ms};
  const std::string text = agents_text({off, unsure});
  CHECK_THAT(text, Catch::Contains("the clock of east is -8.00ms off"));
  CHECK_THAT(text, !Catch::Contains("the clock of west"));
}

TEST_CASE("fleet: news is a line of CloudEvents, and comes back") {
  const News news{.kind = "ready", .run = "r1", .agent = "a", .data = "{\"x\":1}"};
  const std::string line = to_line(news);
  CHECK(line.ends_with("}\n"));
  CHECK(nlohmann::json::parse(line)["type"] == "headgate.load.ready");
  CHECK(from_line(line) == news);
  CHECK_FALSE(from_line("{}"));
  CHECK_FALSE(from_line(R"({"specversion":"1.0","id":"1","source":"/s","type":"other"})"));
}

TEST_CASE("fleet: a bus is tcp or kafka, and nothing else") {
  for (const char* wrong : {"", "http://127.0.0.1:1", "kafka:", "kafka:host", "tcp:127.0.0.1"}) {
    CHECK(join(wrong, Role::kAgent).error().code == Errc::kInvalidArgument);
  }
}

TEST_CASE("fleet: over TCP the coordinator hears every agent, and all hear the coordinator") {
  const auto hub = join("tcp:127.0.0.1:0", Role::kCoordinator);
  REQUIRE(hub);
  const auto a = join((*hub)->address(), Role::kAgent);
  const auto b = join((*hub)->address(), Role::kAgent);
  REQUIRE((*a)->publish({.kind = "hello", .agent = "a"}));
  REQUIRE((*b)->publish(
      {.kind = "hello", .agent = "b", .data = "{\"long\":\"" + std::string(300'000, 'x') + "\"}"}));
  std::vector<std::string> heard;
  for (int i = 0; i < 200 && heard.size() < 2; ++i) {
    const auto all = (*hub)->next(100ms);
    REQUIRE(all);
    for (const News& news : *all) heard.push_back(news.agent);
  }
  CHECK(heard.size() == 2);
  REQUIRE((*hub)->publish({.kind = "plan", .run = "r"}));
  for (const auto& member : {a->get(), b->get()}) {
    std::vector<News> news;
    for (int i = 0; i < 50 && news.empty(); ++i) news = *member->next(100ms);
    REQUIRE(news.size() == 1);
    CHECK(news.front().kind == "plan");
  }
}

/// A bus with agents that a test writes: `answer` says what comes back of what is published.
class ScriptedLink final : public Link {
 public:
  std::function<std::vector<News>(const News&)> answer = [](const News&) {
    return std::vector<News>{};
  };
  std::deque<News> waiting;
  std::vector<News> said;

  Result<void> publish(const News& news) override {
    said.push_back(news);
    for (News& back : answer(news)) waiting.push_back(std::move(back));
    return {};
  }
  Result<std::vector<News>> next(Duration) override {
    std::vector<News> all{waiting.begin(), waiting.end()};
    waiting.clear();
    return all;
  }
  [[nodiscard]] std::string address() const override { return "scripted"; }
};

Result<std::vector<Part>> lead(
    ScriptedLink& link, std::uint32_t agents, Duration limit,
    std::function<void(const Second&)> second = [](const Second&) {}) {
  const Orders orders{
      .agents = agents, .args = {"--url=x"}, .plan_name = {}, .plan_text = {}, .join_limit = limit};
  return coordinate(link, orders, [] { return false; },
                    {.note = [](const std::string&) {}, .second = std::move(second)});
}

TEST_CASE("fleet: who did not join in time is told by who did") {
  ScriptedLink link;
  link.waiting = {{.kind = "hello", .agent = "a"}, {.kind = "hello", .agent = "a"}};
  const auto parts = lead(link, 2, 50ms);
  REQUIRE_FALSE(parts);
  CHECK(parts.error().code == Errc::kTimeout);
  CHECK_THAT(parts.error().why, Catch::StartsWith("1 of 2 agents joined within 0 s: a;"));
  CHECK(link.said.back().kind == "stop");
}

TEST_CASE("fleet: an agent that cannot start ends the run with its words") {
  ScriptedLink link;
  link.waiting = {{.kind = "hello", .agent = "a"}};
  link.answer = [](const News& news) -> std::vector<News> {
    if (news.kind != "plan") return {};
    return {{.kind = "failed",
             .run = news.run,
             .agent = "a",
             .data = R"({"why":"127.0.0.1:9: connection refused"})"}};
  };
  const auto parts = lead(link, 1, 1s);
  REQUIRE_FALSE(parts);
  CHECK(parts.error().where == "agent a");
  CHECK(parts.error().why == "127.0.0.1:9: connection refused");
}

/// A second in which `ok` requests were answered.
Second second_with(std::uint64_t ok) {
  Second second;
  second.totals.scheduled = second.totals.ok = ok;
  return second;
}

News seconds_of(const char* agent, const std::string& run, const std::vector<Second>& seconds) {
  return {.kind = "seconds",
          .run = run,
          .agent = agent,
          .data = nlohmann::json{{"seconds", to_line(seconds)}}.dump()};
}

TEST_CASE("fleet: a second is shown when all agents have sent it or have ended, as their sum") {
  ScriptedLink link;
  link.waiting = {{.kind = "hello", .agent = "a"}, {.kind = "hello", .agent = "b"}};
  std::vector<std::uint64_t> shown;
  link.answer = [&](const News& news) -> std::vector<News> {
    if (news.kind == "plan") {
      return {{.kind = "ready", .run = news.run, .agent = "a"},
              {.kind = "ready", .run = news.run, .agent = "b"}};
    }
    if (news.kind == "ping") {
      const nlohmann::json pong{{"number", nlohmann::json::parse(news.data)["number"]},
                                {"wall_ns", 1}};
      return {{.kind = "pong", .run = news.run, .agent = news.agent, .data = pong.dump()}};
    }
    if (news.kind != "start") return {};
    const News end{.kind = "result", .run = news.run, .data = R"({"part":0,"parts":1,"text":"x"})"};
    News end_a = end;
    end_a.agent = "a";
    News end_b = end;
    end_b.agent = "b";
    return {seconds_of("a", news.run, {second_with(1), second_with(2), second_with(4)}),
            seconds_of("b", "another", {second_with(1000)}),
            {.kind = "seconds", .run = news.run, .agent = "b", .data = R"({"seconds":"[{}]"})"},
            seconds_of("b", news.run, {second_with(10)}),
            end_b,
            seconds_of("a", news.run, {second_with(8)}),
            end_a};
  };
  const auto parts = lead(link, 2, 1s, [&](const Second& s) { shown.push_back(s.totals.ok); });
  REQUIRE(parts);
  CHECK(shown == std::vector<std::uint64_t>{11, 2, 4, 8});
}

TEST_CASE("fleet: agents are called, compared, started, and their pieces put together in order") {
  ScriptedLink link;
  link.waiting = {{.kind = "hello", .agent = "a"}, {.kind = "hello", .agent = "b"}};
  std::int64_t start_a = 0;
  std::int64_t start_b = 0;
  link.answer = [&](const News& news) -> std::vector<News> {
    const auto data = nlohmann::json::parse(news.data);
    if (news.kind == "plan") {
      CHECK(data["agents"] == std::vector<std::string>{"a", "b"});
      CHECK(data["args"] == std::vector<std::string>{"--url=x"});
      return {{.kind = "ready", .run = news.run, .agent = "a"},
              {.kind = "ready", .run = "another", .agent = "b"},
              {.kind = "ready", .run = news.run, .agent = "b"}};
    }
    if (news.kind == "ping") {
      // b's clock is an hour ahead of a's, which stands at 1 s.
      const std::int64_t wall = news.agent == "a" ? 1'000'000'000 : 3'601'000'000'000;
      const nlohmann::json pong{{"number", data["number"]}, {"wall_ns", wall}};
      return {{.kind = "pong", .run = news.run, .agent = news.agent, .data = pong.dump()}};
    }
    if (news.kind != "start") return {};
    start_a = data["at_ns"]["a"];
    start_b = data["at_ns"]["b"];
    return {{.kind = "result",
             .run = news.run,
             .agent = "a",
             .data = R"({"part":1,"parts":2,"text":"lo"})"},
            {.kind = "failed", .run = news.run, .agent = "b", .data = R"({"why":"gone"})"},
            {.kind = "result",
             .run = news.run,
             .agent = "a",
             .data = R"({"part":0,"parts":2,"text":"hel"})"}};
  };
  const auto parts = lead(link, 2, 1s);
  REQUIRE(parts);
  CHECK((*parts)[0].result == "hello");
  CHECK((*parts)[1].result.empty());
  CHECK((*parts)[1].why == "gone");
  CHECK(static_cast<double>(start_b - start_a) == Approx(3600e9).epsilon(0.001));
}

}  // namespace
}  // namespace headgate::load::fleet
