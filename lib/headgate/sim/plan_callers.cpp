#include "headgate/sim/plan_callers.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/ratelimit/key.hpp"

namespace headgate::sim {
namespace {

// The address that every simulated client calls from, as one load generator's do.
constexpr std::string_view kClientAddress = "127.0.0.1";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string header_of(const config::RequestConfig& request, std::string_view wanted) {
  for (const auto& [name, value] : request.headers) {
    if (equal_ignoring_case(name, wanted)) return value;
  }
  return {};
}

// What a limiter's key part reads from a request; the empty text where the request lacks it.
std::string key_text(const ratelimit::KeyPart& part, const config::RequestConfig& request,
                     const RoutePlan& route, const Plan& plan) {
  switch (part.source) {
    case ratelimit::KeySource::kClientIp:
      return std::string{kClientAddress};
    case ratelimit::KeySource::kRoute:
      return route.name;
    case ratelimit::KeySource::kService:
      return route.service == RoutePlan::kNoService ? "" : plan.services[route.service].name;
    case ratelimit::KeySource::kHeader:
      return header_of(request, part.header);
    case ratelimit::KeySource::kConsumer:  // has two texts: key_texts
    case ratelimit::KeySource::kGlobal:
      break;
  }
  return {};
}

std::vector<std::string> key_texts(const ratelimit::KeySpec& key,
                                   const config::RequestConfig& request,
                                   const ratelimit::Consumers& consumers, const RoutePlan& route,
                                   const Plan& plan) {
  std::vector<std::string> texts;
  for (const ratelimit::KeyPart& part : key) {
    if (part.source == ratelimit::KeySource::kConsumer) {
      const std::string api_key = header_of(request, ratelimit::Consumers::kHeader);
      for (const std::string_view text :
           ratelimit::consumer_texts(consumers.find(api_key), kClientAddress)) {
        texts.emplace_back(text);
      }
    } else {
      texts.push_back(key_text(part, request, route, plan));
    }
  }
  return texts;
}

}  // namespace

void add_callers(const config::RequestConfig& request, const ratelimit::Consumers& consumers,
                 std::uint32_t route, Plan& plan) {
  for (LimiterPlan& limiter : plan.limiters) {
    limiter.callers.push_back(
        route == RequestKind::kNoRoute
            ? std::vector<std::string>{}
            : key_texts(limiter.spec.key, request, consumers, plan.routes[route], plan));
  }
}

std::uint64_t balance_key(const config::RequestConfig& request,
                          const ratelimit::Consumers& consumers, const RoutePlan& route,
                          const Plan& plan) {
  ratelimit::KeySpec key;
  for (const std::string& written : plan.services[route.service].balance.key) {
    key.push_back(ratelimit::parse_key_part(written).value());  // the config's form has seen to it
  }
  if (key.empty()) key.push_back({.source = ratelimit::KeySource::kClientIp, .header = {}});
  const std::vector<std::string> texts = key_texts(key, request, consumers, route, plan);
  return ratelimit::key_of(std::vector<std::string_view>(texts.begin(), texts.end()), 0);
}

}  // namespace headgate::sim
