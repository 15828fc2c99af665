// The keys of a load plan that say how its targets are reached.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/config/load_plan.hpp"

namespace headgate::config {

/// Declares them on the plan.
void add_transport(Object<LoadPlan>& plan);

}  // namespace headgate::config
