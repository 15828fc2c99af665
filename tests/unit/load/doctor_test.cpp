#include "headgate/load/doctor.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "headgate/load/environment.hpp"
#include "headgate/load/validity.hpp"

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

constexpr const char* kStat = "cpu  100 0 50 800 10 0 5 35 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
constexpr const char* kPressure =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 total=7\n";

TEST_CASE("environment: stolen ticks and stalls are read where the kernel writes them") {
  const MachineClock clock = parse_machine_clock(kStat, kPressure).value();
  CHECK(clock.ticks == 1000);
  CHECK(clock.stolen_ticks == 35);
  CHECK(clock.stalled == Duration{2500ms});
  CHECK_FALSE(parse_machine_clock(kStat, "").value().stalled);
  CHECK_FALSE(parse_machine_clock("intr 1 2 3", kPressure));
  CHECK_FALSE(parse_machine_clock("cpu  1 2 3", kPressure));
}

TEST_CASE("environment: a stretch is the difference of its ends") {
  MachineClock from{.ticks = 1000, .stolen_ticks = 10, .stalled = 1s, .at = TimePoint{} + 10s};
  MachineClock to{.ticks = 3000, .stolen_ticks = 110, .stalled = 2s, .at = TimePoint{} + 14s};
  const Disturbance seen = between(from, to);
  CHECK(seen.stolen_share == Approx(0.05));
  CHECK(seen.pressure_share.value() == Approx(0.25));
  to.stalled.reset();
  CHECK_FALSE(between(from, to).pressure_share);
  CHECK(between(from, from).stolen_share == 0);
  from.at = to.at - 999ms;
  CHECK(between(from, to).stolen_share == 0);
}

TEST_CASE("environment: this machine's figures can be read") {
  const MachineClock clock = read_machine_clock();
  CHECK(clock.ticks > 0);
  CHECK(ephemeral_ports() > 1000);
  CHECK(raise_descriptor_limit() > 64);
}

DoctorFacts quiet_machine() {
  return {.cores = 4,
          .clock_source = "tsc",
          .clock_cost = 25ns,
          .sleep_late_p50 = 20us,
          .sleep_late_p99 = 60us,
          .descriptors = 100'000,
          .ports = 28'232,
          .disturbance = {.stolen_share = 0, .pressure_share = 0.01},
          .governor = std::nullopt};
}

std::size_t doubts(const std::vector<Finding>& findings) {
  return static_cast<std::size_t>(std::ranges::count_if(
      findings, [](const Finding& one) { return one.level != Finding::Level::kGood; }));
}

TEST_CASE("doctor: a quiet machine with room is fit, and nothing is advised") {
  const auto findings = diagnose(quiet_machine(), {});
  CHECK(is_fit(findings));
  CHECK(doubts(findings) == 0);
  for (const Finding& finding : findings) CHECK(finding.advice.empty());
}

TEST_CASE("doctor: each thing that would spoil a run is found alone, with advice") {
  const auto check = [](auto change, bool fit) {
    DoctorFacts facts = quiet_machine();
    DoctorNeeds needs;
    change(facts, needs);
    const auto findings = diagnose(facts, needs);
    CHECK(doubts(findings) == 1);
    CHECK(is_fit(findings) == fit);
    for (const Finding& finding : findings) {
      if (finding.level != Finding::Level::kGood) CHECK_FALSE(finding.advice.empty());
    }
  };
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.cores = 1; }, false);
  check([](DoctorFacts&, DoctorNeeds& needs) { needs.threads = 4; }, true);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.clock_cost = 900ns; }, true);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.sleep_late_p99 = 400us; }, true);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.sleep_late_p99 = 4ms; }, false);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.descriptors = 127; }, false);
  check([](DoctorFacts&, DoctorNeeds& needs) { needs.connects_per_s = 500; }, false);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.disturbance.stolen_share = 0.03; }, false);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.disturbance.pressure_share = 0.4; }, true);
  check([](DoctorFacts& facts, DoctorNeeds&) { facts.governor = "powersave"; }, true);
}

TEST_CASE("validity: what the machine did to a run makes it invalid, past each bound alone") {
  const auto causes = [](auto change) {
    Evidence evidence;
    evidence.scheduled = 100;
    change(evidence);
    return causes_of_invalidity(evidence).size();
  };
  CHECK(causes([](Evidence&) {}) == 0);
  CHECK(causes([](Evidence& e) { e.disturbance.stolen_share = 0.02; }) == 0);
  CHECK(causes([](Evidence& e) { e.disturbance.stolen_share = 0.021; }) == 1);
  CHECK(causes([](Evidence& e) { e.disturbance.pressure_share = 0.6; }) == 0);
  CHECK(causes([](Evidence& e) { e.disturbance.pressure_share = 0.61; }) == 1);
  CHECK(causes([](Evidence& e) {
          e.open_loop = true;
          e.disturbance.pressure_share = 0.9;
        }) == 0);
  CHECK(causes([](Evidence& e) { e.out_of_descriptors = 1; }) == 1);
  CHECK(causes([](Evidence& e) { e.out_of_ports = 1; }) == 1);
}

}  // namespace
}  // namespace headgate::load
