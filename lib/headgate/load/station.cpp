#include "headgate/load/station.hpp"

#include <algorithm>
#include <functional>

#include "headgate/core/check.hpp"

namespace headgate::load {

Station::Station(std::size_t workers) : free_at_(workers, TimePoint::min()) {
  HG_ASSERT(workers >= 1);
}

TimePoint Station::serve(TimePoint arrival, Duration service) {
  HG_ASSERT(service >= Duration::zero());
  std::ranges::pop_heap(free_at_, std::greater{});
  const TimePoint done = std::max(arrival, free_at_.back()) + service;
  free_at_.back() = done;
  std::ranges::push_heap(free_at_, std::greater{});
  return done;
}

}  // namespace headgate::load
