#include "headgate/sim/theory/case_list.hpp"

#include <fmt/format.h>

namespace headgate::sim::theory {
namespace {

// Ten digits: rates such as 2/3 of a server's are then right beyond what any run can tell.
std::string rate_text(double per_unit) { return fmt::format("{:.10g}/s", per_unit * 1000); }

}  // namespace

std::string poisson(double per_unit) { return "{poisson: " + rate_text(per_unit) + "}"; }
std::string paced(double per_unit) { return "{constant: " + rate_text(per_unit) + "}"; }

std::string to_scenario(const Direct& direct) {
  const std::string clients =
      direct.clients.empty() ? "" : fmt::format("clients: {{{}}}\n", direct.clients);
  return fmt::format("arrivals: {}\nservices:\n  s: {{{}}}\n{}run: {{jobs: {}{}}}\n",
                     direct.arrivals, direct.body, clients, direct.jobs, direct.run);
}

std::string to_scenario(const Gatewayed& gatewayed) {
  const std::string rest = gatewayed.service.empty() ? "" : ", " + gatewayed.service;
  const std::string filters =
      gatewayed.filter.empty() ? "" : fmt::format("filters: [{}], ", gatewayed.filter);
  return fmt::format(
      "arrivals: {}\n"
      "gateway:\n"
      "  listeners: [{{name: http, bind: \"127.0.0.1:0\"}}]\n"
      "  services:\n"
      "    s: {{targets: [{{url: \"http://127.0.0.1:9001\"}}]{}}}\n"
      "  routes:\n"
      "  - {{name: all, match: {{path: {{prefix: /}}}}, {}service: s}}\n"
      "services:\n  s: {{{}}}\nrun: {{jobs: {}}}\n",
      gatewayed.arrivals, rest, filters, gatewayed.body, gatewayed.jobs);
}

std::vector<Setup> all_setups() {
  CaseList list;
  add_queue_cases(list);
  add_general_cases(list);
  add_arrival_cases(list);
  add_balance_cases(list);
  add_limit_cases(list);
  add_client_cases(list);
  add_model_cases(list);
  add_kafka_cases(list);
  return list.take();
}

}  // namespace headgate::sim::theory
