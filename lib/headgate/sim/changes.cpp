// The gateways, and a change of their config: new ones come to stand beside those there are, which
// end what they have and get nothing new. Why so: plan_changes.hpp.
//
// A request knows its gateway, and a gateway its config. So nothing else has to ask which config a
// request is under, and a run without a change pays nothing.
#include <utility>

#include "headgate/sim/run.hpp"

namespace headgate::sim {

// Gateway number i of each config draws the same: a change to an equal config changes what is
// known, and no luck.
void Run::start_gateways(const Plan& config) {
  first_gateway_ = static_cast<std::uint32_t>(gateways_.size());
  for (std::uint32_t i = 0; i < plan_.gateways.count; ++i) {
    Gateway gateway{.plan = &config,
                    .filters = GatewayModel{config, draw_of(seed_, i)},
                    .services = {},
                    .response_timeouts = {}};
    for (const ServicePlan& service : config.services) {
      gateway.services.emplace_back(service, seed_, i);
      gateway.response_timeouts.push_back(lane_of(service.response_timeout));
    }
    gateways_.push_back(std::move(gateway));
  }
}

void Run::on_change(const Plan& config) {
  start_gateways(config);
  for (std::uint32_t s = 0; s < services_.size(); ++s) {
    for (std::uint32_t t = 0; t < services_[s].size(); ++t) {
      TargetModel& target = services_[s].target(t);
      target.idle = 0;  // connections are those of the gateways before
      if (target.down > 0) start_check(first_gateway_, number_of(s, t), false);
    }
  }
}

}  // namespace headgate::sim
