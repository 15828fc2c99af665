#include "headgate/report/manifest.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

namespace headgate::report {
namespace {

std::string compiler_name() {
#if defined(__clang__)
  return fmt::format("clang++ {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string build_kind() {
#if defined(__OPTIMIZE__)
  std::string kind = "optimised";
#else
  std::string kind = "not optimised";
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  kind += ", address sanitizer";
#elif __has_feature(thread_sanitizer)
  kind += ", thread sanitizer";
#endif
#endif
  return kind;
}

std::string cpu_name() {
  std::ifstream info{"/proc/cpuinfo"};
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

}  // namespace

Manifest collect_manifest(std::vector<std::string> command) {
  Manifest manifest{.version = HG_VERSION,
                    .compiler = compiler_name(),
                    .build = build_kind(),
                    .started_at = {},
                    .kernel = {},
                    .cpu = cpu_name(),
                    .cores = std::thread::hardware_concurrency(),
                    .command = std::move(command)};
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  manifest.started_at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now);
  utsname names{};
  if (::uname(&names) == 0) {
    manifest.kernel = fmt::format("{} {} {}", names.sysname, names.release, names.machine);
  }
  return manifest;
}

nlohmann::ordered_json manifest_json(const Manifest& manifest) {
  nlohmann::ordered_json json;
  json["version"] = manifest.version;
  json["compiler"] = manifest.compiler;
  json["build"] = manifest.build;
  json["started_at"] = manifest.started_at;
  json["kernel"] = manifest.kernel;
  json["cpu"] = manifest.cpu;
  json["cores"] = manifest.cores;
  json["command"] = manifest.command;
  return json;
}

}  // namespace headgate::report
