// Reads a journal without being its writer: beside a running gateway, or after it.
//
// It takes no lock and changes nothing. It follows the writer by looking at the files again: the
// end of the log is the first place where no valid frame stands, and refresh() goes on from there.
// What it shows may be in the system's cache and not yet on the disk; Watermarks::synced says how
// much is known to be.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::journal {

/// One thread at a time. A Log that refuses to append (kUnavailable).
class JournalReader final : public messaging::Log {
 public:
  /// Fails with kNotFound if there is no journal in `directory`, kCorrupt or kIo.
  [[nodiscard]] static Result<std::unique_ptr<JournalReader>> open(const std::string& directory,
                                                                   Vfs& vfs = posix_vfs());
  ~JournalReader() override;

  /// Takes in what was appended since. Returns whether there are new records or topics. Fails with
  /// kCorrupt if there is damage before the last synced point, or kIo.
  [[nodiscard]] Result<bool> refresh();

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
  /// The bytes of all records of a topic. Fails with kNotFound.
  [[nodiscard]] Result<std::uint64_t> payload_bytes(std::string_view topic) const;
  /// Of the whole journal; no syncs. Fails with kIo or kCorrupt.
  [[nodiscard]] Result<Usage> usage() const;

 private:
  struct State;
  [[nodiscard]] Result<void> check_end();
  explicit JournalReader(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace headgate::journal
