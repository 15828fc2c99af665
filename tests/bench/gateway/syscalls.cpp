#include "syscalls.hpp"

#include <signal.h>

#include <sstream>
#include <string>

namespace headgate::study {
namespace {

/// The calls on the last line of strace's summary: `100.00 0.178 6 26484 12 total`.
std::optional<double> total_calls(const std::string& summary) {
  std::istringstream lines{summary};
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(" total")) continue;
    std::istringstream words{line};
    double share = 0;
    double seconds = 0;
    double us_per_call = 0;
    double calls = 0;
    if (words >> share >> seconds >> us_per_call >> calls) return calls;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> syscalls_per_request(const Gateway& gateway, Duration length) {
  const test::TempDir directory;
  const std::string summary = directory.path() + "/calls";
  test::Process strace(
      {"strace", "-c", "-f", "-o", summary, "-p", std::to_string(gateway.process.pid())});
  const bool attached = test::eventually([&strace] {
    return !strace.running() || strace.err().find("attached") != std::string::npos;
  });
  if (!attached || !strace.running()) return std::nullopt;
  const Slice slice = measure(gateway, length);
  strace.signal(SIGINT);
  static_cast<void>(strace.wait());
  const std::optional<double> calls = total_calls(test::read_file(summary));
  if (!calls) return std::nullopt;
  return *calls / static_cast<double>(slice.requests);
}

}  // namespace headgate::study
