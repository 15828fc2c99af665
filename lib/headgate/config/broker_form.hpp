// The declarations of a scenario's `broker:`.
#pragma once

#include "headgate/config/broker_config.hpp"
#include "headgate/config/form.hpp"

namespace headgate::config {

/// `{topics: {requests: {partitions: 4, consumers: 2}}}`
[[nodiscard]] Form<BrokerConfig> broker();

}  // namespace headgate::config
