#include "headgate/load/job.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

config::LoadTarget target(const std::string& path, std::uint32_t weight = 1) {
  return {.url = "http://127.0.0.1:8080" + path,
          .address = {.host = "127.0.0.1", .port = 8080},
          .path = path,
          .weight = weight};
}

config::LoadPlan plan() {
  config::LoadPlan made;
  made.targets = {target("/a")};
  made.requests = {{}};
  return made;
}

std::string first_request(const config::LoadPlan& made) {
  const Job job = Job::prepare(made).value();
  std::string scratch;
  return std::string{job.choose(0).request->render({.sequence = 0}, scratch)};
}

TEST_CASE("job: a request without a path has its target's, and its target's Host") {
  CHECK(first_request(plan()) == "GET /a HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
  config::LoadPlan other = plan();
  other.requests.front().path = "/b/{sequence}";
  other.targets.front().address.port = 80;
  CHECK(first_request(other) == "GET /b/0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

TEST_CASE("job: without a rate the loop is closed, without an end it lasts ten seconds") {
  const Job job = Job::prepare(plan()).value();
  CHECK_FALSE(job.open_loop());
  CHECK(job.duration == 10s);
  config::LoadPlan counted = plan();
  counted.count = 5;
  CHECK(Job::prepare(counted).value().duration == kNever);
}

TEST_CASE("job: no thread is without a connection") {
  config::LoadPlan made = plan();
  made.threads = 8;
  made.connections = 3;
  CHECK(Job::prepare(made).value().threads == 3);
}

TEST_CASE("job: targets are chosen by weight, the same for each sequence number") {
  config::LoadPlan made = plan();
  made.targets = {target("/a", 3), target("/b", 1)};
  const Job job = Job::prepare(made).value();
  std::array<int, 2> counts{};
  constexpr int kRequests = 40'000;
  for (int i = 0; i < kRequests; ++i) {
    const auto sequence = static_cast<std::uint64_t>(i);
    const Choice choice = job.choose(sequence);
    CHECK(choice.target == job.choose(sequence).target);
    ++counts.at(choice.target);
  }
  // Binomial: deviation sqrt(40000 * 3/16) = 87; four of them.
  CHECK(counts[0] == Approx(30'000).margin(350));
  std::string scratch;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Choice choice = job.choose(i);
    const std::string path = choice.target == 0 ? "GET /a " : "GET /b ";
    CHECK(choice.request->render({.sequence = i}, scratch).starts_with(path));
  }
}

TEST_CASE("job: a request that cannot be sent is refused before the run") {
  config::LoadPlan large = plan();
  large.requests.front().body = std::string(kRequestMax, 'x');
  CHECK(Job::prepare(large).error().code == Errc::kInvalidArgument);
  config::LoadPlan bad = plan();
  bad.requests.front().headers = {{"bad header", "x"}};
  CHECK(Job::prepare(bad).error().code == Errc::kInvalidArgument);
}

TEST_CASE("job: slices share the connections and no place in the schedule") {
  config::LoadPlan shared = plan();
  shared.connections = 8;
  shared.threads = 4;
  std::uint32_t connections = 0;
  std::set<std::uint32_t> places;
  for (std::uint32_t i = 0; i < 3; ++i) {
    Job job = *Job::prepare(shared);
    job.take_slice(i, 3);
    CHECK(job.threads == 2);  // 8 connections in 3 parts: 3, 3 and 2
    CHECK(job.places() == 6);
    connections += job.connections;
    for (std::uint32_t k = 0; k < job.threads; ++k) places.insert(job.place(k));
  }
  CHECK(connections == 8);
  CHECK(places == std::set<std::uint32_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("weights: what has no weight is never drawn") {
  const Weights weights{{0, 2, 0, 1}};
  Random random{5};
  std::array<int, 4> counts{};
  for (int i = 0; i < 3000; ++i) ++counts.at(weights.draw(random));
  CHECK(counts[0] == 0);
  CHECK(counts[2] == 0);
  CHECK(counts[1] == Approx(2000).margin(110));  // deviation 26
  CHECK(counts[3] > 0);
}

}  // namespace
}  // namespace headgate::load
