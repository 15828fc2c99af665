#include "headgate/routing/text_index.hpp"

#include <utility>

#include "headgate/core/hash.hpp"

namespace headgate::routing {

std::uint32_t TextIndex::find(std::uint64_t space, std::string_view text) const noexcept {
  if (slots_.empty()) return kNone;
  const std::uint64_t hash = hash64(text, space);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].number != kNone; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    const Text& candidate = texts_[slots_[at].number];
    if (candidate.space == space && candidate.text == text) return slots_[at].number;
  }
  return kNone;
}

std::uint32_t TextIndex::add(std::uint64_t space, std::string_view text) {
  if (const std::uint32_t number = find(space, text); number != kNone) return number;
  if (2 * (texts_.size() + 1) > slots_.size()) grow();
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back({space, std::string{text}});
  place({.hash = hash64(text, space), .number = number});
  return number;
}

void TextIndex::place(const Slot& slot) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = slot.hash & mask;
  while (slots_[at].number != kNone) at = (at + 1) & mask;
  slots_[at] = slot;
}

void TextIndex::grow() {
  std::vector<Slot> old = std::exchange(slots_, {});
  slots_.resize(old.empty() ? 16 : 2 * old.size());
  for (const Slot& slot : old) {
    if (slot.number != kNone) place(slot);
  }
}

}  // namespace headgate::routing
