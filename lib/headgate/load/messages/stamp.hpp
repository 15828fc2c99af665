// What every message of a run carries in its first bytes: whose it is, its number, and when it was
// meant to be sent. The rest is noise that a consumer can check, so a message that was lost,
// doubled or damaged on its way is found by what it says itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "headgate/core/time.hpp"

namespace headgate::load::messages {

struct Stamp {
  std::uint64_t sequence = 0;  ///< its place in the whole schedule
  std::uint32_t producer = 0;
  TimePoint intended{};
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

inline constexpr std::size_t kStampBytes = 32;

/// The messages of one run, all of one size.
class Payload {
 public:
  enum class Kind { kGood, kDamaged, kForeign };  // kForeign: of another run, or of nobody's
  struct Seen {
    Kind kind = Kind::kForeign;
    Stamp stamp = {};  ///< of a good one
  };

  /// `run` tells runs apart. Requires: size >= kStampBytes.
  Payload(std::uint64_t run, std::size_t size);

  [[nodiscard]] std::string write(const Stamp& stamp) const;
  [[nodiscard]] Seen read(std::string_view value) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return blank_.size(); }

 private:
  std::uint64_t run_;
  std::string blank_;  // a message without its stamp
};

}  // namespace headgate::load::messages
