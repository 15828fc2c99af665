#include "support/allocations.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::uint64_t> count{0};
}  // namespace

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HG_SANITIZED
#endif
#endif

#ifdef HG_SANITIZED
// The sanitizers have their own operator new, and tell of each allocation.
#include <sanitizer/allocator_interface.h>
namespace {
void on_malloc(const volatile void* /*memory*/, std::size_t /*size*/) {
  count.fetch_add(1, std::memory_order_relaxed);
}
void on_free(const volatile void* /*memory*/) {}
[[maybe_unused]] const int kHooks = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}  // namespace
#else
void* operator new(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
#endif

namespace headgate::test {

std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }

}  // namespace headgate::test
