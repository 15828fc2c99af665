#include "headgate/core/zeroed.hpp"

#include <sys/mman.h>

#include "headgate/core/check.hpp"

namespace headgate {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

ZeroedMemory::ZeroedMemory(std::size_t size) : bytes_(nullptr), size_(size) {
  if (size == 0) return;
  bytes_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HG_ASSERT(bytes_ != MAP_FAILED);
  // A wish: where the kernel has no huge pages, ordinary ones do.
  if (size >= 2 * kHugePage) static_cast<void>(madvise(bytes_, size, MADV_HUGEPAGE));
}

ZeroedMemory::~ZeroedMemory() {
  if (bytes_ != nullptr) munmap(bytes_, size_);
}

}  // namespace headgate
