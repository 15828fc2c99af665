// One consumer of a topic: reads its partitions for its group, as they come, until all is read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "headgate/load/messages/shared.hpp"

namespace headgate::load::messages {

class Consumer {
 public:
  /// Of `group`, number `index` among those of `topic`; its bell is hung up at its places.
  Consumer(Shared& shared, std::uint32_t group, std::uint32_t topic, std::uint32_t index);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer() = default;

  /// Connects. Fails as Store::follow.
  [[nodiscard]] Result<void> open();
  /// Returns when nothing more comes: all is published and read, nothing came for the drain time,
  /// the store failed, or the run is interrupted.
  void run();
  [[nodiscard]] std::uint32_t group() const noexcept { return group_; }
  [[nodiscard]] const Consumed& tally() const noexcept { return tally_; }

 private:
  void take(const std::vector<Got>& batch, TimePoint now);
  void take_one(const Got& got, TimePoint now);
  void advance();
  [[nodiscard]] bool read_all() const;

  Shared& shared_;
  const std::uint32_t group_;
  Bell bell_;
  std::vector<std::size_t> places_;  // indices of shared_.places
  std::vector<std::uint64_t> next_;  // offset wanted next, by place
  std::unique_ptr<Source> source_;
  std::vector<std::vector<std::uint64_t>> order_;  // by place and producer: one past its last
  std::vector<std::uint64_t> batch_;               // sequences of the batch at hand
  Consumed tally_;
};

}  // namespace headgate::load::messages
