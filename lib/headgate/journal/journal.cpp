#include "headgate/journal/journal.hpp"

#include <algorithm>
#include <future>
#include <random>
#include <utility>

#include "headgate/journal/read.hpp"
#include "headgate/journal/state.hpp"

namespace headgate::journal {
namespace {

std::uint64_t draw_identity() {
  std::random_device device;
  const std::uint64_t high = device();
  return std::max<std::uint64_t>(high << 32 | device(), 1);
}

Result<void> check_options(const Options& options) {
  constexpr std::uint64_t kSmallest = std::uint64_t{64} << 10;
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
  if (options.segment_bytes.count < kSmallest || options.segment_bytes.count > kLargest) {
    return failed(Errc::kInvalidConfig, "segment_bytes", "must be 64KiB to 1GiB");
  }
  if (options.segment_bytes.count % kAlignment != 0) {
    return failed(Errc::kInvalidConfig, "segment_bytes", "must be a multiple of 8");
  }
  if (options.directory.empty()) {
    return failed(Errc::kInvalidConfig, "directory", "must not be empty");
  }
  return {};
}

std::uint32_t segment_bytes(const Options& options) {
  return static_cast<std::uint32_t>(options.segment_bytes.count);
}

/// The first segment of a new journal.
Result<void> make_journal(const Options& options) {
  const auto made =
      prepare_segment(*options.vfs, options.directory,
                      {.identity = draw_identity(), .number = 1, .size = segment_bytes(options)});
  if (!made) return std::unexpected(made.error());
  return publish_segment(*options.vfs, options.directory, 1);
}

}  // namespace

// --- opening and closing

Journal::Journal(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

Result<std::unique_ptr<Journal>> Journal::open(Options options) {
  if (auto good = check_options(options); !good) return std::unexpected(good.error());
  Vfs& vfs = *options.vfs;
  if (auto made = vfs.make_directory(options.directory); !made) {
    return std::unexpected(made.error());
  }
  auto lock = vfs.lock(options.directory + "/lock");
  if (!lock) return std::unexpected(lock.error());
  if (auto done = remove_unpublished(vfs, options.directory); !done) {
    return std::unexpected(done.error());
  }
  auto recovered = recover(vfs, options.directory);
  if (!recovered && recovered.error().code == Errc::kNotFound) {
    if (auto made = make_journal(options); !made) return std::unexpected(made.error());
    recovered = recover(vfs, options.directory);
    if (recovered) recovered->report.clean = true;
  }
  if (!recovered) return std::unexpected(recovered.error());
  auto tail = Tail::open({.directory = options.directory,
                          .segment_bytes = segment_bytes(options),
                          .prepare_ahead = options.prepare_ahead,
                          .vfs = options.vfs},
                         *recovered);
  if (!tail) return std::unexpected(tail.error());
  auto state = std::make_unique<State>(std::move(options), std::move(*lock), std::move(*recovered),
                                       std::move(*tail));
  state->note_usage();
  state->writer = std::thread{[own = state.get()] { own->run(); }};
  return std::unique_ptr<Journal>{new Journal{std::move(state)}};
}

Journal::~Journal() { [[maybe_unused]] const Result<void> unseen = close(); }

Result<void> Journal::close() {
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->closed) return {};
    state_->closing = true;
  }
  state_->work.notify_one();
  state_->writer.join();
  const std::lock_guard lock{state_->mutex};
  state_->closed = true;
  Result<void> done;
  if (const auto& broken = state_->broken; broken.has_value()) {
    done = std::unexpected(*broken);
  } else {
    done = state_->tail.sync();
    if (done) done = state_->tail.put(FrameKind::kFooter);
    if (done) done = state_->tail.sync();
    state_->index.mark_synced(state_->tail.synced());
    state_->note_usage();
  }
  state_->directory_lock.reset();
  return done;
}

// --- appending

std::optional<Error> Journal::State::why_not(std::size_t bound) const {
  if (broken) return broken;
  if (closing) return Error{Errc::kUnavailable, options.directory, "the journal is closed"};
  if (const std::size_t most = Tail::largest_batch(segment_bytes(options)); bound > most) {
    return Error{Errc::kInvalidArgument, options.directory,
                 "a batch of " + std::to_string(bound) + " bytes is over the limit of " +
                     std::to_string(most) + ", the size of a segment"};
  }
  if (waiting + bound > options.max_waiting.count) {
    return Error{
        Errc::kOverloaded, options.directory,
        "more than " + std::to_string(options.max_waiting.count) + " bytes wait to be written"};
  }
  return std::nullopt;
}

void Journal::State::gather(Operation operation) {
  waiting += operation.bound;
  gathering.operations.push_back(std::move(operation));
}

std::optional<Error> Journal::State::try_append(std::string_view topic, messaging::Record& record,
                                                messaging::AppendDone& done) {
  const std::size_t bound = record_entry_bound(record);
  const std::lock_guard lock{mutex};
  const auto id = index.find(topic);
  if (!id) return messaging::unknown_topic(topic).error();
  if (auto error = why_not(bound)) return error;
  gathering.items.push_back({*id, std::move(record)});
  gather({.items = 1, .bound = bound, .new_topic = {}, .done = std::move(done)});
  return std::nullopt;
}

std::optional<Error> Journal::State::try_append_all(std::vector<messaging::TopicRecord>& batch,
                                                    messaging::BatchDone& done) {
  std::size_t bound = 0;
  for (const auto& each : batch) bound += record_entry_bound(each.record);
  const std::lock_guard lock{mutex};
  std::vector<std::uint32_t> ids;
  ids.reserve(batch.size());
  for (const auto& each : batch) {
    const auto id = index.find(each.topic);
    if (!id) return messaging::unknown_topic(each.topic).error();
    ids.push_back(*id);
  }
  if (auto error = why_not(bound)) return error;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    gathering.items.push_back({ids[i], std::move(batch[i].record)});
  }
  gather({.items = batch.size(), .bound = bound, .new_topic = {}, .done = std::move(done)});
  return std::nullopt;
}

void Journal::append(std::string_view topic, messaging::Record record, messaging::AppendDone done) {
  if (auto error = state_->try_append(topic, record, done)) {
    return done(std::unexpected(std::move(*error)));
  }
  state_->work.notify_one();
}

void Journal::append_all(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done) {
  if (batch.empty()) return done(std::vector<std::uint64_t>{});
  if (auto error = state_->try_append_all(batch, done)) {
    return done(std::unexpected(std::move(*error)));
  }
  state_->work.notify_one();
}

Result<void> Journal::create_topic(std::string_view name) {
  if (auto good = messaging::check_topic_name(name); !good) return good;
  std::promise<Result<void>> promise;
  auto made = promise.get_future();
  {
    const std::lock_guard lock{state_->mutex};
    if (state_->index.find(name)) return {};
    const std::size_t bound = topic_entry_bound(name);
    if (auto error = state_->why_not(bound)) return std::unexpected(std::move(*error));
    if (state_->index.topic_count() >= state_->options.max_topics) {
      return failed(Errc::kNoSpace, std::string{name},
                    "the journal has its maximum of " + std::to_string(state_->options.max_topics) +
                        " topics");
    }
    state_->gather({.items = 0,
                    .bound = bound,
                    .new_topic = std::string{name},
                    .done = TopicDone{[&promise](Result<void> result) {
                      promise.set_value(std::move(result));
                    }}});
  }
  state_->work.notify_one();
  return made.get();
}

Result<void> Journal::flush(Duration deadline) {
  std::unique_lock lock{state_->mutex};
  const std::uint64_t mine = ++state_->flush_asked;
  state_->work.notify_one();
  const auto is_over = [&] {
    return state_->flush_done >= mine || state_->broken || state_->closing;
  };
  if (deadline == kNever) {
    state_->flushed.wait(lock, is_over);
  } else if (!state_->flushed.wait_for(lock, deadline, is_over)) {
    return failed(Errc::kTimeout, state_->options.directory, "the disk has not answered yet");
  }
  if (const auto& broken = state_->broken; broken.has_value()) return std::unexpected(*broken);
  if (state_->flush_done >= mine) return {};
  return failed(Errc::kUnavailable, state_->options.directory, "the journal is closed");
}

// --- reading

Result<std::vector<messaging::StoredRecord>> Journal::read(std::string_view topic,
                                                           std::uint64_t from,
                                                           messaging::ReadLimits limits) const {
  std::unique_lock lock{state_->mutex};
  const auto id = state_->index.find(topic);
  if (!id) return messaging::unknown_topic(topic);
  const messaging::Watermarks marks = state_->index.watermarks(*id);
  lock.unlock();
  if (from > marks.end) return messaging::outside_range(topic, from, marks);
  return read_records(*state_->options.vfs, state_->options.directory,
                      {.topic = *id, .from = from, .end = marks.end, .limits = limits},
                      [this, id](std::uint64_t offset) {
                        const std::lock_guard guard{state_->mutex};
                        return state_->index.locate(*id, offset);
                      });
}

Result<messaging::Watermarks> Journal::watermarks(std::string_view topic) const {
  const std::lock_guard lock{state_->mutex};
  const auto id = state_->index.find(topic);
  if (!id) return messaging::unknown_topic(topic);
  return state_->index.watermarks(*id);
}

std::vector<std::string> Journal::topics() const {
  const std::lock_guard lock{state_->mutex};
  return state_->index.names();
}

messaging::Durability Journal::durability() const noexcept { return state_->options.durability; }

const RecoveryReport& Journal::recovery() const noexcept { return state_->report; }

Usage Journal::usage() const {
  const std::lock_guard lock{state_->mutex};
  return state_->usage;
}

}  // namespace headgate::journal
