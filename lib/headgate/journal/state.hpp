// The inside of a journal: what its callers and its writer thread share.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/journal/group.hpp"
#include "headgate/journal/index.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/journal/recovery.hpp"
#include "headgate/journal/tail.hpp"

namespace headgate::journal {

struct Journal::State {
  State(Options given, std::unique_ptr<Lock> lock, Recovered recovered, Tail writing_end)
      : options(std::move(given)),
        report(std::move(recovered.report)),
        directory_lock(std::move(lock)),
        index(std::move(recovered.index)),
        tail(std::move(writing_end)) {}

  // The callers' side (journal.cpp). The first takes the mutex, and what it returns is why nothing
  // was taken from its arguments; the others require it.
  [[nodiscard]] std::optional<Error> try_append(std::string_view topic, messaging::Record& record,
                                                messaging::AppendDone& done);
  [[nodiscard]] std::optional<Error> try_append_all(std::vector<messaging::TopicRecord>& batch,
                                                    messaging::BatchDone& done);
  [[nodiscard]] std::optional<Error> why_not(std::size_t bound) const;
  void gather(Operation operation);

  // The writer thread's side (writer.cpp). Takes the mutex where it needs it.
  void run();
  void note_usage();  // requires the mutex, or that no thread runs yet

  const Options options;
  const RecoveryReport report;
  std::unique_ptr<Lock> directory_lock;

  mutable std::mutex mutex;         // guards what follows, up to `tail`
  std::condition_variable work;     // for the writer thread
  std::condition_variable flushed;  // for flush()
  Index index;                      // of what readers may see
  Group gathering;
  std::size_t waiting = 0;        // bytes gathering and in the commit that runs
  std::uint64_t flush_asked = 0;  // calls of flush()
  std::uint64_t flush_done = 0;   // up to this call
  bool closing = false;
  bool closed = false;
  std::optional<Error> broken;  // final
  Usage usage;

  Tail tail;           // the writer thread's own
  std::thread writer;  // runs run()

 private:
  struct Commit;  // one group on its way

  void commit(Group group, bool want_sync);
  void place(Commit& commit);
  void place_one(Commit& commit, Operation& operation);
  void harden(Commit& commit, bool want_sync);
  void show(const Commit& commit);
  void mark();
  void fail_for_good(const Error& error);
};

}  // namespace headgate::journal
