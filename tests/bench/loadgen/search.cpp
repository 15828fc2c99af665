#include "search.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "contestant.hpp"

namespace headgate::study {

SearchCheck check_search(int seconds) {
  const Server server{{"--time", "exponential:0.5ms", "--workers", "1"}};
  const test::TempDir dir;
  const std::string file = dir.path() + "/search.json";
  const Outing outing =
      go({test::command("loadgen"), "search", "--slo", "response_time.p99 < 20ms", "--url",
          server.url(), "--max-time", fmt::format("{}s", seconds), "--json", file});
  const auto json = nlohmann::json::parse(test::read_file(file), nullptr, false);
  if (json.is_discarded()) throw std::runtime_error("no answer:\n" + outing.ended.err);
  const auto& highest = json["highest_rate"];
  SearchCheck check;
  check.seconds = json["elapsed_ns"].get<double>() / 1e9;
  check.found = {.value = highest["value"],
                 .low = highest["low"],
                 .high = highest["high"],
                 .confidence = highest["confidence"]};
  // An M/M/1 response time is exponential with the rate mu - lambda.
  check.truth = 2000 - std::log(100.0) / 0.020;
  for (const auto& slice : json["slices"]) {
    check.slices += 1;
    if (!slice["counted"].get<bool>()) check.late += 1;
  }
  return check;
}

std::string search_text(const SearchCheck& check) {
  return fmt::format(
      "The highest rate with response_time.p99 < 20ms of one worker with 0.5 ms of exponential "
      "work\n\n"
      "theory          {:.1f}/s\n"
      "loadgen search  {:.1f}/s ({:.1f} to {:.1f}, {:.0f} %): {:+.1f} % off, in {:.0f} s and "
      "{:.0f} "
      "slices, {:.0f} of them\n"
      "                not counted as the generator was late\n",
      check.truth, check.found.value, check.found.low, check.found.high,
      100 * check.found.confidence, 100 * (check.found.value / check.truth - 1), check.seconds,
      check.slices, check.late);
}

}  // namespace headgate::study
