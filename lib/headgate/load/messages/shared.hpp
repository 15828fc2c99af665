// What the threads of one run of message load have in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/load/messages/bell.hpp"
#include "headgate/load/messages/job.hpp"
#include "headgate/load/messages/ledger.hpp"
#include "headgate/load/messages/stamp.hpp"
#include "headgate/load/messages/store.hpp"
#include "headgate/load/messages/tally.hpp"

namespace headgate::load::messages {

/// A topic of the store, as the run finds and leaves it.
struct Place {
  std::string topic;
  std::uint64_t begin = 0;                  ///< its end when the run began: the first of ours
  std::uint64_t end = 0;                    ///< its end once nothing is published any more
  std::vector<Bell*> bells = {};            ///< of its consumers
  std::vector<std::uint64_t> reached = {};  ///< by group: one past what it consumed; atomic_ref
};

struct Shared {
  Shared(const Job& of, Store& in, std::uint64_t run, std::size_t groups)
      : job{of}, store{in}, payload{run, of.shape.size.count}, ledger{groups} {}

  const Job& job;
  Store& store;
  const Payload payload;
  Ledger ledger;
  Frame frame;
  std::vector<Place> places;                // whole before the threads start, but for `reached`
  std::atomic<bool> interrupted = false;    // by a signal
  std::atomic<bool> all_published = false;  // and the ends of the places are known
};

/// The waits that the threads sleep in at most: how soon they see that a run is over.
inline constexpr Duration kNap = std::chrono::milliseconds{20};

/// Sleeps until `at`, or less: naps, and is punctual to some ten microseconds at the end.
void sleep_until(TimePoint at, const std::atomic<bool>& interrupted);

}  // namespace headgate::load::messages
