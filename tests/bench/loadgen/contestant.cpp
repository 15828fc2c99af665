#include "contestant.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace headgate::study {
namespace {

test::Argv pinned_to(int core, const test::Argv& argv) {
  if (std::thread::hardware_concurrency() < 2) return argv;
  test::Argv bound{"taskset", "-c", std::to_string(core)};
  bound.insert(bound.end(), argv.begin(), argv.end());
  return bound;
}

/// CPU time of all children that have ended.
Duration children_time() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

test::Argv serve_with(const test::Argv& flags) {
  test::Argv argv{test::command("loadgen"), "serve", "--bind", "127.0.0.1:0"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return pinned_to(kServerCore, argv);
}

}  // namespace

Server::Server(const test::Argv& flags, std::string scheme)
    : scheme_{std::move(scheme)}, process_{serve_with(flags)}, address_{process_.ready(scheme_)} {}

test::Argv on_client_core(const test::Argv& argv) { return pinned_to(kClientCore, argv); }

Outing go(const test::Argv& argv) {
  const Duration before = children_time();
  const auto began = std::chrono::steady_clock::now();
  Outing outing;
  outing.ended = test::run(on_client_core(argv), test::Milliseconds{900'000});
  outing.wall = std::chrono::steady_clock::now() - began;
  outing.cpu = children_time() - before;
  return outing;
}

std::string program(const std::string& name) {
  std::istringstream folders{std::string{std::getenv("PATH")} + ":" HG_SOURCE_DIR
                                                                "/build/peers/bin"};
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string path = folder + "/" + name;
    if (access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path)) return path;
  }
  return {};
}

double resident_kib(pid_t pid) {
  return number_after(test::read_file("/proc/" + std::to_string(pid) + "/status"), "VmRSS:");
}

std::vector<double> h2load_latencies_us(const std::string& log) {
  std::istringstream lines{test::read_file(log)};
  std::vector<double> latencies;
  double start = 0;
  double status = 0;
  double took = 0;
  while (lines >> start >> status >> took) latencies.push_back(took);
  if (latencies.empty()) throw std::runtime_error("h2load logged no request");
  return latencies;
}

double number_after(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + words.size(), nullptr);
}

double number_before(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words);
  if (at == std::string::npos) return 0;
  const std::size_t start = text.find_last_of(" \n(", at - 1);
  return std::strtod(text.c_str() + (start == std::string::npos ? 0 : start + 1), nullptr);
}

double in_ms(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words);
  if (at == std::string::npos) return -1;
  char* end = nullptr;
  const double value = std::strtod(text.c_str() + at + words.size(), &end);
  const std::string unit{end, 2};
  return value * (unit == "ms" ? 1 : unit == "us" ? 1e-3 : 1e3);
}

}  // namespace headgate::study
