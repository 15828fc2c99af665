// Under which circumstances a result came about: machine, build, hour, command. It is kept apart
// from results, because those of a simulation must be equal bytes on every machine.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace headgate::report {

struct Manifest {
  std::string version;     ///< of Headgate
  std::string compiler;    ///< `g++ 12.2.0`
  std::string build;       ///< `optimised` or `not optimised`, and the sanitizer if any
  std::string started_at;  ///< RFC 3339, UTC, seconds
  std::string kernel;      ///< `Linux 6.1.0 x86_64`
  std::string cpu;         ///< the model's name
  unsigned cores = 0;      ///< that this process may use
  std::vector<std::string> command;
};

/// Asks the system. What it will not tell stays empty.
[[nodiscard]] Manifest collect_manifest(std::vector<std::string> command);

[[nodiscard]] nlohmann::ordered_json manifest_json(const Manifest& manifest);

}  // namespace headgate::report
