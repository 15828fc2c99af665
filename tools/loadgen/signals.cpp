#include "signals.hpp"

#include <csignal>

namespace headgate::loadgen {
namespace {

volatile std::sig_atomic_t signals_caught = 0;

void on_signal(int /*number*/) { signals_caught = signals_caught + 1; }

}  // namespace

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept { return signals_caught > 0; }

}  // namespace headgate::loadgen
