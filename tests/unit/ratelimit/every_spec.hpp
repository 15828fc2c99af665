// One spec of each algorithm in the catalog, tight enough that a busy caller meets refusals.
#pragma once

#include <chrono>
#include <string>

#include "headgate/ratelimit/catalog.hpp"

namespace headgate::ratelimit::test {

/// 7/s needs rounding, so that the widest arithmetic there is takes part.
inline Spec spec_of(const CatalogEntry& entry) {
  using namespace std::chrono_literals;
  Spec spec;
  spec.algorithm = entry.name;
  for (const OptionInfo& option : entry.options) {
    if (option.name == "rate") spec.rate = make_rate(7, 1s);
    if (option.name == "burst") spec.burst = Tokens{5};
    if (option.name == "limit") spec.limit = Tokens{9};
    if (option.name == "window") spec.window = 700ms;
    if (option.name == "period") spec.period = Period::kDay;
    if (option.name == "delay") spec.delay = Tokens{2};
  }
  return spec;
}

}  // namespace headgate::ratelimit::test
