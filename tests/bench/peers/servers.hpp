// The processes of the study: the gateways side by side in front of one backend, each a fresh
// process on a free loopback port, configured from tests/bench/peers/.
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"

namespace headgate::study {

/// The first core is the gateways', the second everybody else's. On one core nothing is pinned.
inline constexpr int kGatewayCore = 0;
inline constexpr int kOtherCore = 1;

/// `argv` bound to `core`, if there is more than one.
[[nodiscard]] test::Argv pinned(int core, const test::Argv& argv);

struct Gateway {
  std::string name;
  std::string version;
  std::string address;  // HOST:PORT
  test::Process process;
};

/// What a program prints when asked for its version, its first line.
[[nodiscard]] std::string version_of(const test::Argv& argv);

/// A fast server of one fixed answer, to stand behind gateways that are measured.
class Backend {
 public:
  Backend();
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

 private:
  test::TempDir directory_;
  std::string address_;
  test::Process process_;
};

/// Headgate, nginx and HAProxy in front of one backend.
class Servers {
 public:
  /// Starts them and waits until each answers a request with 200. Throws std::runtime_error, with
  /// the program's own words, if one does not.
  explicit Servers(const std::string& backend);

  [[nodiscard]] std::vector<Gateway>& gateways() noexcept { return gateways_; }

 private:
  test::TempDir directory_;
  std::vector<Gateway> gateways_;  // headgate, nginx, haproxy
};

}  // namespace headgate::study
