// The study `loadgen`: our generator beside others on the same machine, and beside what must be
// true.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "bias.hpp"
#include "capacity.hpp"
#include "common/study.hpp"
#include "footprint.hpp"
#include "freeze.hpp"
#include "handshake.hpp"
#include "memory.hpp"
#include "punctual.hpp"
#include "search.hpp"

namespace headgate::study {
namespace {

struct Options {
  std::size_t rounds = 11;
  int seconds = 2;
  int freeze_s = 30;
  int memory_s = 600;
  int punctual_s = 10;
  int search_s = 120;
  int handshakes = 1000;
  int idle = 8000;
  int rate = 20'000;
  int connections = 1000;
  std::string out;
  bool tiny = false;
};

/// Says each part when it is known: the whole takes a quarter of an hour.
std::string said(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
  return text;
}

int study(const Options& options, const std::vector<std::string>& command) {
  const Capacity capacity = measure_capacity(options.rounds, options.seconds);
  Files files{{"capacity.txt", said(capacity_text(capacity))},
              {"capacity.csv", capacity_csv(capacity)}};
  files.emplace_back("punctual.txt", said(punctual_text(measure_punctuality(options.punctual_s))));
  files.emplace_back("bias.txt", said(bias_text(measure_bias(options.rounds, options.seconds))));
  files.emplace_back("handshake.txt",
                     said(handshake_text(measure_handshakes(options.rounds, options.handshakes))));
  files.emplace_back("footprint.txt",
                     said(footprint_text(measure_footprint(options.rounds, options.idle))));
  files.emplace_back("freeze.txt", said(freeze_text(measure_freeze(options.freeze_s))));
  files.emplace_back("search.txt", said(search_text(check_search(options.search_s))));
  files.emplace_back(
      "memory.txt",
      said(memory_text(measure_memory(options.memory_s, options.rate, options.connections))));
  report::Json more;
  more["rounds"] = options.rounds;
  for (const char* name : {"wrk", "h2load", "ab", "oha", "k6", "wrk2"}) {
    more["generators"][name] = program(name).empty() ? "not there" : "there";
  }
  leave(options.out, command, files, more);
  return 0;
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  headgate::study::Options options;
  CLI::App app{"Headgate's load generator beside wrk, wrk2, h2load, ab, oha and k6"};
  app.add_option("--rounds", options.rounds, "of the capacity contest")->capture_default_str();
  app.add_option("--seconds", options.seconds, "of one of its slices")->capture_default_str();
  app.add_option("--memory", options.memory_s, "seconds of the long run")->capture_default_str();
  app.add_option("--out", options.out, "folder for the results");
  app.add_flag("--tiny", options.tiny, "seconds in all: shows that it works, measures nothing");
  CLI11_PARSE(app, argc, argv);
  if (options.tiny) {
    options.rounds = 2;
    options.seconds = 1;
    options.freeze_s = 2;
    options.memory_s = 2;
    options.punctual_s = 1;
    options.search_s = 3;
    options.handshakes = 100;
    options.idle = 100;
    options.rate = 1000;
    options.connections = 50;
  }
  return headgate::study::ending(
      "loadgen", [&] { return headgate::study::study(options, {argv, argv + argc}); });
}
