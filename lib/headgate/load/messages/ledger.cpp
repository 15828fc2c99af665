#include "headgate/load/messages/ledger.hpp"

#include <algorithm>
#include <bit>

#include "headgate/core/check.hpp"

namespace headgate::load::messages {

bool SequenceSet::add(std::uint64_t sequence) {
  const std::size_t index = sequence / 64;
  if (index >= words_.size()) words_.resize(std::max(index + 1, 2 * words_.size()));
  const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
  if ((words_[index] & bit) != 0) return false;
  words_[index] |= bit;
  ++count_;
  return true;
}

bool SequenceSet::contains(std::uint64_t sequence) const noexcept {
  return (word(sequence / 64) >> (sequence % 64) & 1) != 0;
}

void Ledger::acknowledged(std::uint64_t sequence) {
  const std::lock_guard lock{mutex_};
  const bool first = published_.add(sequence);
  HG_ASSERT(first);  // an append is answered once
}

void Ledger::consumed(std::size_t group, std::span<const std::uint64_t> sequences) {
  const std::lock_guard lock{mutex_};
  Group& into = groups_[group];
  for (const std::uint64_t sequence : sequences) {
    if (!into.consumed.add(sequence)) ++into.duplicated;
  }
}

void Ledger::left(std::size_t group, std::uint64_t sequence) {
  const std::lock_guard lock{mutex_};
  Group& into = groups_[group];
  if (!into.consumed.contains(sequence)) into.left.add(sequence);
}

std::uint64_t Ledger::published() const {
  const std::lock_guard lock{mutex_};
  return published_.count();
}

std::uint64_t Ledger::consumed(std::size_t group) const {
  const std::lock_guard lock{mutex_};
  return groups_[group].consumed.count();
}

std::vector<Account> Ledger::close() const {
  const std::lock_guard lock{mutex_};
  std::vector<Account> accounts;
  accounts.reserve(groups_.size());
  const auto bits = [](std::uint64_t word) {
    return static_cast<std::uint64_t>(std::popcount(word));
  };
  for (const Group& group : groups_) {
    Account account{.published = published_.count(), .duplicated = group.duplicated};
    const std::size_t words =
        std::max({published_.words(), group.consumed.words(), group.left.words()});
    for (std::size_t i = 0; i < words; ++i) {
      const std::uint64_t published = published_.word(i);
      const std::uint64_t consumed = group.consumed.word(i);
      const std::uint64_t left = group.left.word(i);
      account.consumed += bits(published & consumed);
      account.left += bits(published & left & ~consumed);
      account.lost += bits(published & ~consumed & ~left);
      account.unconfirmed += bits(consumed & ~published);
    }
    HG_ASSERT(account.adds_up());
    accounts.push_back(account);
  }
  return accounts;
}

}  // namespace headgate::load::messages
