#include "headgate/core/zeroed.hpp"

#include <cstdint>
#include <cstdlib>

#include "headgate/core/check.hpp"

namespace headgate {

ZeroedMemory::ZeroedMemory(std::size_t size) : raw_(nullptr), bytes_(nullptr) {
  if (size == 0) return;
  raw_ = std::calloc(size + kAlignment, 1);
  HG_ASSERT(raw_ != nullptr);
  const auto address = reinterpret_cast<std::uintptr_t>(raw_);
  const std::size_t skipped = (kAlignment - address % kAlignment) % kAlignment;
  bytes_ = static_cast<char*>(raw_) + skipped;
}

ZeroedMemory::~ZeroedMemory() { std::free(raw_); }

}  // namespace headgate
