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

class Servers {
 public:
  /// Starts the backend and the gateways and waits until each answers a request as the backend
  /// does. Throws std::runtime_error, with the program's own words, if one does not.
  Servers();

  [[nodiscard]] std::vector<Gateway>& gateways() noexcept { return gateways_; }

 private:
  /// The template of that name with its placeholders filled in, as a file.
  [[nodiscard]] std::string config(const std::string& name, const std::string& listen,
                                   const std::string& backend) const;

  test::TempDir directory_;
  std::vector<test::Process> backend_;  // one
  std::vector<Gateway> gateways_;       // headgate, nginx, haproxy
};

}  // namespace headgate::study
