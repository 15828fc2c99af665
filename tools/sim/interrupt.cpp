#include "sim/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace headgate::sim_tool {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

}  // namespace

void note_interrupts() noexcept {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags =
      static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: a read that waits comes back
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_interrupted() noexcept { return interrupted; }
const std::atomic<bool>& interrupt_flag() noexcept { return interrupted; }

}  // namespace headgate::sim_tool
