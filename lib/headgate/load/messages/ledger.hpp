// Where every message of a run is, by its number: the accounts that must add up.
//
// A message that the store acknowledged has to reach every group exactly once, or still be there
// when the run ends. Nothing of this is a difference of two counts: each message is a bit, so that
// one lost and one doubled do not cancel out.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace headgate::load::messages {

/// Numbers from 0 on, one bit each.
class SequenceSet {
 public:
  /// False if it was in already.
  bool add(std::uint64_t sequence);
  [[nodiscard]] bool contains(std::uint64_t sequence) const noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// How many are in all of `sets` or in none that is inverted; see Ledger::close.
  [[nodiscard]] std::uint64_t word(std::size_t index) const noexcept {
    return index < words_.size() ? words_[index] : 0;
  }
  [[nodiscard]] std::size_t words() const noexcept { return words_.size(); }

 private:
  std::vector<std::uint64_t> words_;
  std::uint64_t count_ = 0;
};

/// What became of the messages for one group. published = consumed + left + lost.
struct Account {
  std::uint64_t published = 0;    ///< acknowledged
  std::uint64_t consumed = 0;     ///< of them, those that reached the group; each counted once
  std::uint64_t left = 0;         ///< not consumed, and still in the store at the end
  std::uint64_t lost = 0;         ///< neither: acknowledged, and nowhere
  std::uint64_t duplicated = 0;   ///< arrivals beyond the first of their message
  std::uint64_t unconfirmed = 0;  ///< arrived though never acknowledged: failed or unanswered ones

  [[nodiscard]] bool adds_up() const noexcept { return published == consumed + left + lost; }
  /// Nothing acknowledged was lost, and nothing came twice.
  [[nodiscard]] bool held() const noexcept { return lost == 0 && duplicated == 0; }
  friend bool operator==(const Account&, const Account&) = default;
};

/// Thread-safety: every call, from any thread.
class Ledger {
 public:
  explicit Ledger(std::size_t groups) : groups_(groups) {}

  /// The store has answered for it.
  void acknowledged(std::uint64_t sequence);
  /// These reached `group`, in a batch.
  void consumed(std::size_t group, std::span<const std::uint64_t> sequences);
  /// `group` has not consumed it, and the store gives it out still.
  void left(std::size_t group, std::uint64_t sequence);

  [[nodiscard]] std::uint64_t published() const;
  /// Distinct messages that reached `group`.
  [[nodiscard]] std::uint64_t consumed(std::size_t group) const;
  /// The accounts, one per group. Cost: one pass over the bits.
  [[nodiscard]] std::vector<Account> close() const;

 private:
  struct Group {
    SequenceSet consumed;
    SequenceSet left;
    std::uint64_t duplicated = 0;
  };

  mutable std::mutex mutex_;
  SequenceSet published_;
  std::vector<Group> groups_;
};

}  // namespace headgate::load::messages
