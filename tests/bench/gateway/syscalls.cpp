#include "syscalls.hpp"

#include <signal.h>

#include <string>

#include "common/strace.hpp"

namespace headgate::study {

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
  const std::optional<double> calls = calls_counted(summary);
  if (!calls) return std::nullopt;
  return *calls / static_cast<double>(slice.requests);
}

}  // namespace headgate::study
