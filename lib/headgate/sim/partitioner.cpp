#include "headgate/sim/partitioner.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace headgate::sim {
namespace {

constexpr std::uint32_t kMultiplier = 0x5bd1e995U;
constexpr std::uint32_t kSeed = 0x9747b28cU;

std::uint32_t byte_at(std::string_view key, std::size_t at) noexcept {
  return static_cast<unsigned char>(key[at]);
}

std::uint32_t word_at(std::string_view key, std::size_t at) noexcept {
  return byte_at(key, at) | byte_at(key, at + 1) << 8 | byte_at(key, at + 2) << 16 |
         byte_at(key, at + 3) << 24;
}

}  // namespace

std::uint32_t murmur2(std::string_view key) noexcept {
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t word = word_at(key, at) * kMultiplier;
    word = (word ^ word >> 24) * kMultiplier;
    hash = hash * kMultiplier ^ word;
  }
  if (at < key.size()) {
    for (std::size_t i = at; i < key.size(); ++i) hash ^= byte_at(key, i) << 8 * (i - at);
    hash *= kMultiplier;
  }
  hash = (hash ^ hash >> 13) * kMultiplier;
  return hash ^ hash >> 15;
}

std::vector<double> partition_shares(const config::KeysConfig& keys, std::uint32_t partitions) {
  std::vector<double> shares(partitions);
  double total = 0;
  std::array<char, 24> text{};
  for (std::uint64_t key = 0; key < keys.count; ++key) {
    const double weight = std::exp(-keys.zipf * std::log(static_cast<double>(key + 1)));
    const auto* const end = std::to_chars(text.data(), text.data() + text.size(), key).ptr;
    const std::string_view written{text.data(), static_cast<std::size_t>(end - text.data())};
    // The sign bit is dropped, as there.
    shares[(murmur2(written) & 0x7fffffffU) % partitions] += weight;
    total += weight;
  }
  for (double& share : shares) share /= total;
  return shares;
}

}  // namespace headgate::sim
