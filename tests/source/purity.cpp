// Rule: decisions are values. What decides takes the time and chance as arguments and meets no
// outside, so that the gateway and the simulator can run the same objects.
#include <array>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

struct Forbidden {
  std::string_view word;
  std::string_view instead;
};

constexpr std::string_view kTakeTime = "reads the clock; take a TimePoint as an argument";
constexpr std::array kClock = std::to_array<Forbidden>({
    {"steady_clock", kTakeTime},
    {"system_clock", kTakeTime},
    {"high_resolution_clock", kTakeTime},
    {"clock_gettime", kTakeTime},
    {"gettimeofday", kTakeTime},
    {"std::time", kTakeTime},
    {"time(nullptr)", kTakeTime},
    {"sleep_for", "waits; return the time of the next step instead"},
    {"sleep_until", "waits; return the time of the next step instead"},
    {"usleep", "waits; return the time of the next step instead"},
    {"nanosleep", "waits; return the time of the next step instead"},
});

constexpr std::string_view kTakeRandom = "is not ours; draw from a Random& (core/random.hpp)";
constexpr std::string_view kPrints = "prints; return a value and let the tool print it";
constexpr std::string_view kThread = "starts a thread; edge and whole modules own those";
constexpr std::array kOutside = std::to_array<Forbidden>({
    {"std::thread", kThread},
    {"std::jthread", kThread},
    {"std::async", kThread},
    {"printf", kPrints},
    {"fprintf", kPrints},
    {"puts", kPrints},
    {"fputs", kPrints},
    {"fmt::print", kPrints},
    {"std::print", kPrints},
    {"std::cout", kPrints},
    {"std::cerr", kPrints},
    {"rand()", kTakeRandom},
    {"random_device", kTakeRandom},
    {"mt19937", kTakeRandom},
    {"mt19937_64", kTakeRandom},
    {"fopen", "opens a file; edge modules do that"},
});

constexpr std::string_view kEdgeOnly = "meets the outside; edge modules do that";
constexpr std::array<std::string_view, 15> kOutsideHeaders{
    "thread",  "iostream", "fstream", "filesystem", "print",   "random", "ctime",   "time.h",
    "stdio.h", "unistd.h", "fcntl.h", "poll.h",     "netdb.h", "sys/",   "netinet/"};
constexpr std::array<std::string_view, 3> kNotInSim{"boost/", "librdkafka/", "sys/"};

/// check.hpp says what went wrong before it ends the process: a bug is no decision.
bool may_print(const File& file) { return file.path == "lib/headgate/core/check.hpp"; }

void find_words(const File& file, std::span<const Forbidden> words, Findings& findings) {
  for (std::size_t i = 0; i < file.code_lines.size(); ++i) {
    for (const auto& [word, instead] : words) {
      if (find_word(file.code_lines[i], word) == std::string_view::npos) continue;
      findings.push_back(at(file, i + 1, std::string{word} + " " + std::string{instead}));
    }
  }
}

void find_distributions(const File& file, Findings& findings) {
  constexpr std::string_view kEnd = "_distribution";
  for (std::size_t i = 0; i < file.code_lines.size(); ++i) {
    const std::string_view line = file.code_lines[i];
    const std::size_t std_at = find_word(line, "std::");
    if (std_at == std::string_view::npos) continue;
    const std::size_t name_end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", std_at + 5);
    if (line.substr(0, name_end).ends_with(kEnd)) {
      findings.push_back(at(file, i + 1,
                            "std::*_distribution differs between libraries; use "
                            "arrival/distribution.hpp or draw it from a Random&"));
    }
  }
}

void find_headers(const File& file, std::span<const std::string_view> headers,
                  std::string_view instead, Findings& findings) {
  for (const Include& include : includes_of(file)) {
    for (const std::string_view header : headers) {
      const bool folder = header.ends_with('/');
      if (folder ? include.name.starts_with(header) : include.name == header) {
        findings.push_back(
            at(file, include.line, "<" + std::string{include.name} + "> " + std::string{instead}));
      }
    }
  }
}

}  // namespace

Findings impurities(const File& file, const LayerTable& table) {
  const auto module = table.find(file.module());
  if (module == table.end()) return {};
  Findings findings;
  const bool decides = module->second.row == Row::kBase || module->second.row == Row::kPure;
  const bool is_sim = module->first == "sim";
  if (decides || is_sim || module->first == "config") find_words(file, kClock, findings);
  if (is_sim) find_headers(file, kNotInSim, "meets the outside; model it", findings);
  if (!decides) return findings;
  if (!may_print(file)) find_words(file, kOutside, findings);
  find_distributions(file, findings);
  find_headers(file, kOutsideHeaders, kEdgeOnly, findings);
  return findings;
}

}  // namespace headgate::source
