// loadgen as a test uses it: a server that is ready, a run and its result document.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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
/// What `make` runs until a run calls itself valid, five times at most.
[[nodiscard]] LoadResult valid_run(const std::function<LoadResult()>& make);

/// `loadgen FLAGS`, to its end.
[[nodiscard]] Ended loadgen(const Argv& flags);
/// Whether a run may end so: done, or measured on a machine too busy for it.
[[nodiscard]] constexpr bool went_through(int exit_code) {
  return exit_code == 0 || exit_code == 4;
}

/// The examples in the help of a subcommand, from its name on, each in one line.
[[nodiscard]] std::vector<std::string> examples_of(const std::string& subcommand);
/// `loadgen EXAMPLE` by a shell in that folder.
[[nodiscard]] Ended run_example(const TempDir& directory, const std::string& example);

}  // namespace headgate::test
