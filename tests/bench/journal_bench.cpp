// What an append costs at each durability, and how fast a journal is read back. The store is in the
// folder where the benchmark runs: the figures are those of its disk.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "headgate/journal/journal.hpp"

namespace headgate::journal {
namespace {

using messaging::Durability;

/// A fresh journal with the topic `a`, gone with its files afterwards.
class Scratch {
 public:
  explicit Scratch(Durability durability) {
    auto opened = Journal::open({.directory = path_, .durability = durability});
    if (!opened || !(*opened)->create_topic("a")) {
      std::fprintf(stderr, "cannot open %s\n", path_.c_str());
      std::abort();
    }
    journal_ = std::move(*opened);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    journal_.reset();
    std::filesystem::remove_all(path_);
  }
  Journal& operator*() { return *journal_; }

 private:
  std::string path_ = "journal_bench." + std::to_string(::getpid());
  std::unique_ptr<Journal> journal_;
};

messaging::Record record_of(std::size_t size) {
  return {.key = {}, .value = std::string(size, 'x'), .headers = {}, .timestamp = {}};
}

/// One producer with at most 10 000 unanswered appends.
void append(benchmark::State& state, Durability durability) {
  const auto size = static_cast<std::size_t>(state.range(0));
  constexpr std::uint64_t kWindow = 10'000;
  Scratch journal{durability};
  std::atomic<std::uint64_t> answered = 0;
  std::uint64_t sent = 0;
  for (auto _ : state) {
    while (sent - answered.load(std::memory_order_relaxed) >= kWindow) std::this_thread::yield();
    (*journal).append("a", record_of(size), [&answered](const auto& offset) {
      if (!offset) std::abort();
      answered.fetch_add(1, std::memory_order_relaxed);
    });
    ++sent;
  }
  if (!(*journal).flush(kNever)) std::abort();
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
  state.SetLabel("durability " + std::string{to_text(durability)});
}

/// One append at a time: what a caller waits.
void append_alone(benchmark::State& state, Durability durability) {
  Scratch journal{durability};
  for (auto _ : state) {
    if (!append_and_wait(*journal, {{"a", record_of(100)}})) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel("durability " + std::string{to_text(durability)});
}

void replay(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  constexpr std::uint64_t kBytes = 32 << 20;
  Scratch journal{Durability::kOs};
  const std::uint64_t count = kBytes / size;
  for (std::uint64_t i = 0; i < count; ++i) {
    (*journal).append("a", record_of(size), [](const auto&) {});
    if (i % 10'000 == 0 && !(*journal).flush(kNever)) std::abort();
  }
  if (!(*journal).flush(kNever)) std::abort();
  for (auto _ : state) {
    for (std::uint64_t next = 0; next < count;) {
      const auto records =
          (*journal).read("a", next, {.max_records = 1 << 20, .max_bytes = {1 << 20}});
      if (!records || records->empty()) std::abort();
      next += records->size();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
  state.SetLabel("checksums verified");
}

BENCHMARK_CAPTURE(append, memory, Durability::kMemory)->Arg(100)->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(append, os, Durability::kOs)->Arg(100)->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(append, disk, Durability::kDisk)->Arg(100)->Arg(1024)->UseRealTime();
BENCHMARK_CAPTURE(append_alone, os, Durability::kOs)->UseRealTime();
BENCHMARK_CAPTURE(append_alone, disk, Durability::kDisk)->UseRealTime();
BENCHMARK(replay)->Arg(100)->Arg(1024)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace headgate::journal
