// The writer thread: takes what has gathered, writes it, syncs it, answers.
#include <span>
#include <utility>

#include "headgate/journal/state.hpp"

namespace headgate::journal {

using messaging::Durability;

/// One group on its way into the files. Operations are placed in order; the first `written` of them
/// are in the files, and those behind fail with `error`.
struct Journal::State::Commit {
  explicit Commit(Group taken) : group(std::move(taken)) {}

  Group group;
  std::vector<std::uint64_t> offsets;  // of the items placed so far
  std::size_t placed = 0;              // operations
  std::size_t written = 0;             // operations
  std::size_t answered = 0;            // operations
  std::optional<Error> error;

  /// Answers the operations up to `last` that have no answer yet.
  void answer_up_to(std::size_t last) {
    for (; answered < last; ++answered) {
      Operation& operation = group.operations[answered];
      answer(operation, std::span{offsets}.subspan(answered_items_, operation.items));
      answered_items_ += operation.items;
    }
  }
  void refuse_rest() {
    if (!error) return;  // then there is no rest
    for (; answered < group.operations.size(); ++answered) {
      refuse(group.operations[answered], *error);
    }
  }

 private:
  std::size_t answered_items_ = 0;
};

void Journal::State::run() {
  std::unique_lock lock{mutex};
  for (;;) {
    work.wait(lock, [this] {
      return !gathering.empty() || flush_asked > flush_done || closing ||
             (!broken && tail.has_news());
    });
    if (gathering.empty() && flush_asked == flush_done) {
      if (closing) return;
      lock.unlock();
      mark();
      lock.lock();
      continue;
    }
    Group group = std::exchange(gathering, {});
    const std::uint64_t flush = flush_asked;
    const std::size_t bytes = waiting;
    lock.unlock();
    commit(std::move(group), flush > flush_done);
    lock.lock();
    waiting -= bytes;
    flush_done = flush;
    note_usage();
    flushed.notify_all();
  }
}

void Journal::State::commit(Group group, bool want_sync) {
  Commit commit{std::move(group)};
  commit.offsets.reserve(commit.group.items.size());
  if (broken) {  // only this thread sets it
    commit.error = broken;
  } else {
    place(commit);
    harden(commit, want_sync);
    show(commit);
  }
  commit.answer_up_to(commit.error && commit.error->code != Errc::kNoSpace ? commit.answered
                                                                           : commit.written);
  commit.refuse_rest();
}

/// Builds the frames; writes them when a segment is full.
void Journal::State::place(Commit& commit) {
  bool early = options.durability == Durability::kMemory;
  for (Operation& operation : commit.group.operations) {
    if (!tail.fits(operation.bound)) {
      auto done = tail.write();
      if (done) {
        commit.written = commit.placed;
        done = tail.roll();
      }
      if (!done) {
        commit.error = done.error();
        return;
      }
    }
    place_one(commit, operation);
    // A topic is there when appends to it are taken, and that is not before show().
    early = early && operation.new_topic.empty();
    if (early) commit.answer_up_to(commit.placed);
  }
}

void Journal::State::place_one(Commit& commit, Operation& operation) {
  if (!operation.new_topic.empty()) {
    // Two callers may have asked for the same topic since the last commit.
    if (!tail.knows(operation.new_topic)) tail.add_topic(operation.new_topic);
  }
  for (std::size_t i = 0; i < operation.items; ++i) {
    Item& item = commit.group.items[commit.offsets.size()];
    commit.offsets.push_back(tail.add(item.topic, item.record));
  }
  tail.end_batch();
  ++commit.placed;
}

/// Brings what was placed to where the durability wants it.
void Journal::State::harden(Commit& commit, bool want_sync) {
  if (commit.error && commit.error->code != Errc::kNoSpace) return;
  if (auto done = tail.write(); done) {
    commit.written = commit.placed;
  } else {
    commit.error = done.error();
    if (commit.error->code != Errc::kNoSpace) return;
  }
  if (options.durability != Durability::kDisk && !want_sync) return;
  if (auto done = tail.sync(); !done) commit.error = done.error();
}

/// Lets readers see what was committed.
void Journal::State::show(const Commit& commit) {
  auto frames = tail.take_written();
  if (commit.error && (commit.error->code != Errc::kNoSpace || commit.answered > commit.written)) {
    return fail_for_good(*commit.error);
  }
  const std::lock_guard lock{mutex};
  for (WrittenFrame& frame : frames) {
    for (std::string& topic : frame.topics) index.define(std::move(topic));
    index.add(frame.spans, frame.at, frame.end);
  }
  index.mark_synced(tail.synced());
}

/// Attests what was synced. Nothing waits for it, so it costs no one anything, and from here on
/// damage to the last commit is known for what it is.
void Journal::State::mark() {
  auto done = tail.put(FrameKind::kMark);
  (void)tail.take_written();  // no records in it
  if (done) return;
  if (done.error().code == Errc::kNoSpace) {
    tail.forget_news();  // the next frame attests as well
  } else {
    fail_for_good(done.error());
  }
}

void Journal::State::fail_for_good(const Error& error) {
  const std::lock_guard lock{mutex};
  broken = Error{Errc::kIo, error.where, error.why};
}

void Journal::State::note_usage() {
  usage = {.segments = tail.at().segment, .bytes = tail.bytes(), .syncs = tail.syncs()};
}

}  // namespace headgate::journal
