#include "headgate/load/messages/stamp.hpp"

#include <array>
#include <cstring>

#include "headgate/core/check.hpp"
#include "headgate/core/random.hpp"

namespace headgate::load::messages {
namespace {

constexpr std::uint32_t kMagic = 0x48474d31;  // HGM1

/// As it lies in the message: this machine's byte order, since one process writes and reads it.
struct Laid {
  std::uint32_t magic = kMagic;
  std::uint32_t producer = 0;
  std::uint64_t run = 0;
  std::uint64_t sequence = 0;
  std::int64_t intended_ns = 0;
};
static_assert(sizeof(Laid) == kStampBytes);

}  // namespace

Payload::Payload(std::uint64_t run, std::size_t size) : run_{run}, blank_(size, '\0') {
  HG_ASSERT(size >= kStampBytes);
  Random random = Random::stream(run, "payload");
  for (std::size_t i = kStampBytes; i < size; ++i) {
    blank_[i] = static_cast<char>(random.below(256));
  }
}

std::string Payload::write(const Stamp& stamp) const {
  std::string value = blank_;
  const Laid laid{.producer = stamp.producer,
                  .run = run_,
                  .sequence = stamp.sequence,
                  .intended_ns = stamp.intended.time_since_epoch().count()};
  std::memcpy(value.data(), &laid, sizeof laid);
  return value;
}

Payload::Seen Payload::read(std::string_view value) const noexcept {
  if (value.size() < kStampBytes) return {};
  Laid laid;
  std::memcpy(&laid, value.data(), sizeof laid);
  if (laid.magic != kMagic || laid.run != run_) return {};
  if (value.substr(kStampBytes) != std::string_view{blank_}.substr(kStampBytes)) {
    return {.kind = Kind::kDamaged};
  }
  return {.kind = Kind::kGood,
          .stamp = {.sequence = laid.sequence,
                    .producer = laid.producer,
                    .intended = TimePoint{Duration{laid.intended_ns}}}};
}

}  // namespace headgate::load::messages
