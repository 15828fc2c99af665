// What the rules learn from a call that is over.
#pragma once

#include "headgate/core/time.hpp"

namespace headgate::resilience {

struct Outcome {
  Duration latency{};   ///< from the call's start to its end
  bool failed = false;  ///< by whatever its host calls a failure
};

}  // namespace headgate::resilience
