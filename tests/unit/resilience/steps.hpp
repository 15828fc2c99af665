// Stepped time for the tests of this folder.
#pragma once

#include <chrono>
#include <string>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::resilience {

using namespace std::chrono_literals;

/// The point `since` after the start of the run.
constexpr TimePoint at(Duration since) { return TimePoint{} + since; }

/// The field that a refused config names; "made" if it was not refused.
template <class T>
std::string refused_field(const Result<T>& result) {
  return result ? "made" : result.error().where;
}

}  // namespace headgate::resilience
