#include "contest.hpp"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

// Of the thread that measures: others may begin or end meanwhile.
thread_local std::uint64_t allocation_count = 0;

void* counted(std::size_t size) {
  ++allocation_count;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace headgate::study {
namespace {

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double measured(const Contender& contender) {
  const double begin = cpu_ns();
  contender.work(contender.slice);
  return (cpu_ns() - begin) / static_cast<double>(contender.slice);
}

/// How many decisions fill a slice; on the way the tables become warm.
void calibrate(Contender& contender, Duration slice) {
  const auto wanted = static_cast<double>(slice.count());
  contender.slice = 64;
  while (true) {
    const double ns = measured(contender) * static_cast<double>(contender.slice);
    if (ns >= wanted / 2) {
      const double fitting = static_cast<double>(contender.slice) * wanted / ns;
      contender.slice = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(fitting));
      return;
    }
    contender.slice *= 2;
  }
}

}  // namespace

std::uint64_t allocations() noexcept { return allocation_count; }

void run(Contest& contest, std::size_t rounds, Duration slice) {
  for (Contender& contender : contest.contenders) {
    calibrate(contender, slice);
    contender.ns.reserve(rounds);
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < contest.contenders.size(); ++turn) {
      Contender& contender = contest.contenders[(round + turn) % contest.contenders.size()];
      const std::uint64_t before = allocations();
      const double ns = measured(contender);
      contender.allocations += allocations() - before;
      contender.ns.push_back(ns);
    }
  }
}

}  // namespace headgate::study
