// A target that stops for a while, and what each generator says of it: 1000 requests a second for
// `length`, frozen for a tenth of that by SIGSTOP. Of the requests that were meant to be sent, the
// share whose answer takes longer than x is (frozen - x) / length, so p95 and p99 are known. A
// generator that waits for answers before it sends has them not: the stall is one bad sample in
// each connection (coordinated omission).
#pragma once

#include <string>
#include <vector>

namespace headgate::study {

struct FreezeRow {
  std::string name;
  std::string mode;
  double requests = 0;  ///< that it reports as answered
  double p50_ms = 0;
  double p95_ms = -1;  ///< below 0: it does not say
  double p99_ms = -1;
};

struct Freeze {
  double length_s = 0;
  double frozen_s = 0;  ///< as it was, on average
  std::vector<FreezeRow> rows;
};

[[nodiscard]] Freeze measure_freeze(int length_s);
[[nodiscard]] std::string freeze_text(const Freeze& freeze);

}  // namespace headgate::study
