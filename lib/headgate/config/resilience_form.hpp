// The forms of what guards a service: breaker, ejection, retries, concurrency limit, throttle.
// Their words, defaults and explanations are those of the resilience catalog.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/breaker.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/outlier.hpp"
#include "headgate/resilience/retry.hpp"

namespace headgate::config {

/// `{consecutive_failures: 5, open_for: 10s}`
[[nodiscard]] Form<resilience::Breaker::Config> breaker();
/// `{consecutive_failures: 5, base_time: 30s}`
[[nodiscard]] Form<resilience::Outlier::Config> outlier();
/// `{attempts: 2, on: [connect_failure, "503"], budget: 20%, backoff: {base: 25ms, max: 250ms}}`
[[nodiscard]] Form<resilience::RetryPolicy::Config> retry();
/// The same for whoever calls a gateway: without `on` and `budget`, all that may pass is tried
/// again and no budget bounds it, as clients do that were given a number of attempts and no more.
[[nodiscard]] Form<resilience::RetryPolicy::Config> client_retry();
/// `{delay: 20ms, budget: 5%}`, `{percentile: 95%}`
[[nodiscard]] Form<resilience::Hedge::Config> hedge();
/// `{target: 5ms, interval: 100ms}`
[[nodiscard]] Form<resilience::Codel::Config> codel();
/// `{limit: 100}`, `{vegas: {max: 500}}`, `{gradient: {}}`, `{aimd: {}}`
[[nodiscard]] Form<resilience::AdaptiveConcurrency::Config> concurrency();
/// `{k: 2}`
[[nodiscard]] Form<resilience::ClientThrottle::Config> throttle();

}  // namespace headgate::config
