// The gateway config's form, for its loader and for a scenario that has one inline.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/config/gateway_config.hpp"

namespace headgate::config {

[[nodiscard]] Form<GatewayConfig> gateway_form();
/// One store, its name left empty: `{journal: {dir: data}}`.
[[nodiscard]] Form<StoreConfig> store_form();

}  // namespace headgate::config
