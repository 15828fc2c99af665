#include "headgate/journal/reader.hpp"

#include <optional>
#include <utility>

#include "headgate/journal/index.hpp"
#include "headgate/journal/read.hpp"
#include "headgate/journal/recovery.hpp"
#include "headgate/journal/walker.hpp"

namespace headgate::journal {

struct JournalReader::State {
  State(std::string where, Vfs& files)
      : directory(std::move(where)),
        vfs(&files),
        walker(files, directory, {.segment = 1, .offset = kSegmentHeaderSize}) {}

  std::string directory;
  Vfs* vfs;
  Walker walker;  // at the end of what `index` has
  Index index;
  bool end_checked = false;
};

namespace {

std::unexpected<Error> read_only(const std::string& directory) {
  return failed(Errc::kUnavailable, directory, "the journal is open for reading only");
}

}  // namespace

JournalReader::JournalReader(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
JournalReader::~JournalReader() = default;

Result<std::unique_ptr<JournalReader>> JournalReader::open(const std::string& directory, Vfs& vfs) {
  const auto numbers = list_segments(vfs, directory);
  if (!numbers && numbers.error().code != Errc::kNotFound) return std::unexpected(numbers.error());
  if (!numbers || numbers->empty()) {
    return failed(Errc::kNotFound, directory, "there is no journal yet");
  }
  std::unique_ptr<JournalReader> reader{new JournalReader{std::make_unique<State>(directory, vfs)}};
  if (auto taken = reader->refresh(); !taken) return std::unexpected(taken.error());
  return reader;
}

Result<void> JournalReader::check_end() {
  State& state = *state_;
  const Position stop = state.walker.at();
  // The whole rest is looked at once; later, only if something stands at the end that is no frame.
  const auto blank = is_blank(*state.vfs, state.directory, stop);
  if (!blank) return std::unexpected(blank.error());
  if (*blank && std::exchange(state.end_checked, true)) return {};
  const auto remainder = check_remainder(*state.vfs, state.directory, stop);
  if (remainder) return {};
  // The writer may have completed and attested the frame between the two looks. Damage stays.
  if (auto taken = take_frames(state.walker, state.index); !taken) {
    return std::unexpected(taken.error());
  }
  if (state.walker.at() == stop) return std::unexpected(remainder.error());
  return {};
}

Result<bool> JournalReader::refresh() {
  State& state = *state_;
  const auto size = [&state] { return state.index.records() + state.index.topic_count(); };
  const std::uint64_t before = size();
  if (auto taken = take_frames(state.walker, state.index); !taken) {
    return std::unexpected(taken.error());
  }
  if (auto good = check_end(); !good) return std::unexpected(good.error());
  return size() != before;
}

void JournalReader::append(std::string_view /*topic*/, messaging::Record /*record*/,
                           messaging::AppendDone done) {
  done(read_only(state_->directory));
}

void JournalReader::append_all(std::vector<messaging::TopicRecord> /*batch*/,
                               messaging::BatchDone done) {
  done(read_only(state_->directory));
}

Result<std::vector<messaging::StoredRecord>> JournalReader::read(
    std::string_view topic, std::uint64_t from, messaging::ReadLimits limits) const {
  const Index& index = state_->index;
  const auto id = index.find(topic);
  if (!id) return messaging::unknown_topic(topic);
  const messaging::Watermarks marks = index.watermarks(*id);
  if (from > marks.end) return messaging::outside_range(topic, from, marks);
  return read_records(*state_->vfs, state_->directory,
                      {.topic = *id, .from = from, .end = marks.end, .limits = limits},
                      [&index, id](std::uint64_t offset) { return index.locate(*id, offset); });
}

Result<messaging::Watermarks> JournalReader::watermarks(std::string_view topic) const {
  const auto id = state_->index.find(topic);
  if (!id) return messaging::unknown_topic(topic);
  return state_->index.watermarks(*id);
}

Result<void> JournalReader::flush(Duration /*deadline*/) { return {}; }

Result<void> JournalReader::create_topic(std::string_view /*name*/) {
  return read_only(state_->directory);
}

std::vector<std::string> JournalReader::topics() const { return state_->index.names(); }

messaging::Durability JournalReader::durability() const noexcept {
  return messaging::Durability::kOs;
}

Result<std::uint64_t> JournalReader::payload_bytes(std::string_view topic) const {
  const auto id = state_->index.find(topic);
  if (!id) return messaging::unknown_topic(topic);
  return state_->index.topic(*id).bytes;
}

Result<Usage> JournalReader::usage() const {
  const Position at = state_->walker.at();
  const auto before = bytes_before(*state_->vfs, state_->directory, at.segment);
  if (!before) return std::unexpected(before.error());
  return Usage{.segments = at.segment, .bytes = *before + at.offset, .syncs = 0};
}

}  // namespace headgate::journal
