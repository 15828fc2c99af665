#include "headgate/config/price_form.hpp"

#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

struct Prices {
  std::vector<ServicePrice> services;
};

Form<ServicePrice> service_price() {
  return Object<ServicePrice>("a price")
      .required("target", &ServicePrice::target_hour, number(0, 1e9),
                "of one target for an hour, in any currency")
      .form();
}

}  // namespace

Form<std::vector<ServicePrice>> price_form() {
  const auto prices =
      Object<Prices>("prices")
          .required("services", &Prices::services, by_name(service_price()), "by service")
          .form();
  return {[read = prices.read](const Node& node,
                               Reading& reading) -> std::optional<std::vector<ServicePrice>> {
            auto written = read(node, reading);
            if (!written) return std::nullopt;
            return std::move(written->services);
          },
          prices.schema};
}

}  // namespace headgate::config
