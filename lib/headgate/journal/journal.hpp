// A log in files: one journal per store directory, many topics in it, one stream of commits.
//
// Appends from any thread gather in memory; one writer thread takes all that has gathered, writes
// it as one frame or a few, calls for one fdatasync, and answers. While it waits for the disk the
// next group gathers, so the batch grows with the load and no timer is needed (group commit). All
// topics share the stream: a hundred topics cost no more syncs than one.
//
// What the files hold is in format.hpp, what opening does with them after a crash in recovery.hpp.
// Three rules that everything else serves:
//   an answered append is there after a restart, once, whole, in its place (to the degree that the
//     durability names);
//   an unanswered one is there whole or not at all;
//   damage to what was once known to be on the disk is reported, never repaired by forgetting.
//
// A failed fdatasync or write is final: the system may have dropped the pages that it could not
// write, and a second sync would lie (Rebello et al., "Can applications recover from fsync
// failures?", USENIX ATC 2020). The journal then answers kIo to everyone and takes no more; reading
// goes on. A full disk is not final: it is noticed when a segment is made, before anything is
// answered, and the journal accepts again when there is room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/journal/vfs.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::journal {

struct Options {
  std::string directory;  ///< made if it is not there
  messaging::Durability durability = messaging::Durability::kDisk;
  Bytes segment_bytes{.count = std::uint64_t{64} << 20};  ///< 64 KiB to 1 GiB; of new segments
  Bytes max_waiting{.count = std::uint64_t{64} << 20};    ///< payload of unanswered appends
  std::size_t max_topics = 65'536;
  bool prepare_ahead = true;  ///< make the next segment on a thread of its own, at half of this one
  Vfs* vfs = &posix_vfs();    ///< outlives the journal
};

/// What opening found and did.
struct RecoveryReport {
  bool clean = true;  ///< the last writer closed the journal, or there was none
  std::uint64_t segments = 0;
  std::uint64_t records = 0;      ///< kept, of all topics
  std::uint64_t torn_bytes = 0;   ///< of an unfinished tail, cut off
  std::uint64_t torn_frames = 0;  ///< whole frames among them, written behind a hole
  std::string torn_at;            ///< "FILE:OFFSET" where the cut was made; empty: nowhere
};

/// Figures of the files, for people.
struct Usage {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  ///< written, headers included
  std::uint64_t syncs = 0;  ///< fdatasync calls since open()
};

/// `done` callbacks run on the journal's writer thread, or on the caller's if the append is refused
/// at once. Durability kMemory answers before the write, kOs after it, kDisk after fdatasync.
class Journal final : public messaging::Log {
 public:
  /// Opens or makes the journal in `options.directory` and recovers it. Fails with kInvalidConfig
  /// (an option), kUnavailable (another process has it open for writing), kCorrupt (`where` is
  /// FILE:OFFSET; nothing was changed), kNoSpace or kIo. Cost: one pass over the files.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(Options options);

  /// close(), its outcome unseen.
  ~Journal() override;

  void append(std::string_view topic, messaging::Record record,
              messaging::AppendDone done) override;
  void append_all(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done) override;
  using Log::read;
  [[nodiscard]] Result<std::vector<messaging::StoredRecord>> read(
      std::string_view topic, std::uint64_t from, messaging::ReadLimits limits) const override;
  [[nodiscard]] Result<messaging::Watermarks> watermarks(std::string_view topic) const override;
  [[nodiscard]] Result<void> flush(Duration deadline) override;
  [[nodiscard]] Result<void> create_topic(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> topics() const override;
  [[nodiscard]] messaging::Durability durability() const noexcept override;

  [[nodiscard]] const RecoveryReport& recovery() const noexcept;
  [[nodiscard]] Usage usage() const;

  /// Answers everything that waits, syncs, writes the footer of a clean end and lets go of the
  /// directory. Later appends fail with kUnavailable. Not to be called from a `done`.
  [[nodiscard]] Result<void> close();

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace headgate::journal
