#include "headgate/load/agenda.hpp"

#include "headgate/core/check.hpp"

namespace headgate::load {

Agenda::Agenda(const Options& options)
    : options_{options}, schedule_{options.arrivals, Random::stream(options.seed, "arrivals")} {
  HG_ASSERT(options.thread < options.threads);
  step();
}

Due Agenda::take() noexcept {
  HG_ASSERT(!finished());
  const Due due = due_;
  step();
  return due;
}

void Agenda::step() noexcept {
  while (walked_ < options_.count) {
    const Duration offset = schedule_.next();
    if (offset == kNever || offset >= options_.duration) break;
    const std::uint64_t sequence = walked_++;
    if (sequence % options_.threads != options_.thread) continue;
    due_ = {.sequence = sequence, .intended = options_.start + offset};
    return;
  }
  walked_ = options_.count;
  due_.intended = TimePoint::max();
}

}  // namespace headgate::load
