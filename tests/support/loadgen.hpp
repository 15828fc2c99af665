// loadgen as a test uses it: a server that is ready, a run and its result document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "headgate/stats/histogram.hpp"
#include "support/process.hpp"

namespace headgate::test {

/// A `loadgen serve` on a free port.
class TestUpstream {
 public:
  explicit TestUpstream(const Argv& flags = {});
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] std::string url() const { return "http://" + address_ + "/"; }
  [[nodiscard]] Process& process() noexcept { return process_; }
  /// Ends it by SIGTERM; returns the requests that it says it has served.
  std::uint64_t stop();

 private:
  Process process_;
  std::string address_;
};

struct LoadResult {
  Ended ended;
  nlohmann::json json;  ///< null if there is no result document

  [[nodiscard]] std::uint64_t total(const char* name) const { return json["totals"][name]; }
  [[nodiscard]] stats::Histogram histogram(const char* name) const;
};

/// `loadgen run FLAGS --json FILE`.
[[nodiscard]] LoadResult run_load(const Argv& flags);

}  // namespace headgate::test
