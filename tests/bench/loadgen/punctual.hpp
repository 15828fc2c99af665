// How punctual an open loop is: how late requests leave, asleep and awake, and whether the schedule
// is kept to the request.
#pragma once

#include <string>
#include <vector>

#include "headgate/core/time.hpp"

namespace headgate::study {

struct PunctualRow {
  std::string name;
  double rate = 0;
  double lag_p50_us = -1;  ///< below 0: it does not say
  double lag_p99_us = -1;
  double lag_p999_us = -1;
  double response_p50_us = 0;  ///< as the generator reports it
  double response_p99_us = 0;
  double scheduled = 0;
  double expected = 0;
  double achieved = 0;  ///< sent a second, over the rate
  double cpu_share = 0;
};

struct Punctuality {
  std::vector<PunctualRow> rows;
  /// How late a thread was woken that did nothing but sleep, before and after: the machine's part.
  std::vector<Duration> sleep_late_p50;
  std::vector<Duration> sleep_late_p99;
};

[[nodiscard]] Punctuality measure_punctuality(int seconds);
[[nodiscard]] std::string punctual_text(const Punctuality& measured);

}  // namespace headgate::study
