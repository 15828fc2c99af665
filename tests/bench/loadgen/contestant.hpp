// The load generators of the study, each as a command line, and what one run of them took and said.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"
#include "support/process.hpp"

namespace headgate::study {

/// The generators have the second core for themselves, the server the first.
inline constexpr int kServerCore = 0;
inline constexpr int kClientCore = 1;

/// `loadgen serve` on the server's core.
class Server {
 public:
  explicit Server(const test::Argv& flags = {}, std::string scheme = "http");
  [[nodiscard]] std::string url() const { return scheme_ + "://" + address_ + "/"; }
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] test::Process& process() noexcept { return process_; }

 private:
  std::string scheme_;
  test::Process process_;
  std::string address_;
};

/// One finished run of a generator.
struct Outing {
  std::uint64_t requests = 0;
  Duration wall{};
  Duration cpu{};  ///< user and system, of the generator
  test::Ended ended;

  [[nodiscard]] double us_per_request() const {
    return static_cast<double>(cpu.count()) / 1e3 / static_cast<double>(requests);
  }
  [[nodiscard]] double per_second() const {
    return static_cast<double>(requests) * 1e9 / static_cast<double>(wall.count());
  }
};

/// Runs `argv` on the client's core and takes the time that its process used.
[[nodiscard]] Outing go(const test::Argv& argv);
/// `argv` bound to the client's core, where there are two.
[[nodiscard]] test::Argv on_client_core(const test::Argv& argv);

/// A program that is on PATH or among those that the `run` script fetched; empty: neither.
[[nodiscard]] std::string program(const std::string& name);

/// wrk2 throws away what it measures in its first seconds.
inline constexpr int kWrk2Lead = 10;

/// The resident set of a process, 0 when it has ended.
[[nodiscard]] double resident_kib(pid_t pid);
/// The latencies that h2load's --log-file holds.
[[nodiscard]] std::vector<double> h2load_latencies_us(const std::string& log);

/// The first number after `words` in `text`, 0 if it is not there.
[[nodiscard]] double number_after(const std::string& text, const std::string& words);
/// The number before `words`.
[[nodiscard]] double number_before(const std::string& text, const std::string& words);

/// The figure after `words`, like `1.52s`, `15.2ms` or `873us`, in milliseconds; -1 if it is not
/// there.
[[nodiscard]] double in_ms(const std::string& text, const std::string& words);

}  // namespace headgate::study
