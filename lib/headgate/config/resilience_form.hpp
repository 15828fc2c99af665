// The forms of what guards a service: breaker, ejection, retries, concurrency limit, throttle.
// Their words, defaults and explanations are those of the resilience catalog.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/breaker.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/outlier.hpp"
#include "headgate/resilience/retry.hpp"

namespace headgate::config {

/// `{consecutive_failures: 5, open_for: 10s}`
[[nodiscard]] Form<resilience::Breaker::Config> breaker();
/// `{consecutive_failures: 5, base_time: 30s}`
[[nodiscard]] Form<resilience::Outlier::Config> outlier();
/// `{attempts: 2, on: [connect_failure, "503"], budget: 20%, backoff: {base: 25ms, max: 250ms}}`
[[nodiscard]] Form<resilience::RetryPolicy::Config> retry();
/// `{limit: 100}`, `{vegas: {max: 500}}`, `{gradient: {}}`, `{aimd: {}}`
[[nodiscard]] Form<resilience::AdaptiveConcurrency::Config> concurrency();
/// `{k: 2}`
[[nodiscard]] Form<resilience::ClientThrottle::Config> throttle();

}  // namespace headgate::config
