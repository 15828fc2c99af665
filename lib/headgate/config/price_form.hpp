// What a scenario says about money: `prices: {services: {orders: {target: 0.10}}}`.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/config/scenario_config.hpp"

namespace headgate::config {

[[nodiscard]] Form<std::vector<ServicePrice>> price_form();

}  // namespace headgate::config
