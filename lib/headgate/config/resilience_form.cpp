#include "headgate/config/resilience_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "headgate/config/value.hpp"
#include "headgate/core/check.hpp"
#include "headgate/resilience/catalog.hpp"

namespace headgate::config {
namespace {

using namespace resilience;

/// What the catalog says of an option.
const OptionInfo& info(std::string_view entry, std::string_view option) {
  const auto entries = resilience::catalog();
  const auto found = std::ranges::find(entries, entry, &CatalogEntry::name);
  HG_ASSERT(found != entries.end());
  const auto known = std::ranges::find(found->options, option, &OptionInfo::name);
  HG_ASSERT(known != found->options.end());
  return *known;
}

/// An object whose fields are the options of one entry of the catalog.
template <class T>
class Rule {
 public:
  Rule(std::string_view entry, std::string what, std::string example)
      : entry_(entry), object_(std::move(what), std::move(example)) {}

  template <class Place, class V>
  Rule& field(std::string_view option, Place place, const Form<V>& form) {
    const OptionInfo& of = info(entry_, option);
    object_.optional(std::string{option}, place, form, std::string{of.doc},
                     std::string{of.fallback});
    return *this;
  }
  /// What `make` refuses is an error at the field that it names.
  template <class Make>
  Form<T> checked_by(Make make) {
    return object_
        .then([make](const Node& node, Reading& reading, T& config) {
          const auto made = make(config);
          if (made) return;
          const std::string& where = made.error().where;
          const Node* field = node.find(where.substr(0, where.find('.')));
          reading.within(where, [&] {
            reading.error("GW001", field == nullptr ? node.at : field->at,
                          fmt::format("'{}' {}", where, made.error().why));
          });
        })
        .form();
  }
  Form<T> form() { return object_.form(); }

 private:
  std::string_view entry_;
  Object<T> object_;
};

/// A count that fits the member; the rule itself knows its range.
Form<std::uint32_t> count() {
  return checked(whole(0, std::numeric_limits<std::uint32_t>::max()), [](std::int64_t value) {
    return Result<std::uint32_t>{static_cast<std::uint32_t>(value)};
  });
}

Form<double> plain_number() { return number(0, 1e6); }

Form<Backoff::Config> backoff() {
  using Config = Backoff::Config;
  const auto& jitters = info("backoff", "jitter").choices;
  return Rule<Config>("backoff", "a backoff", "{base: 25ms, max: 250ms}")
      .field("base", &Config::base, duration())
      .field("max", &Config::max, duration())
      .field("jitter", &Config::jitter,
             checked(word({jitters.begin(), jitters.end()}),
                     [](const std::string& written) { return parse_jitter(written); }))
      .form();
}

Form<PercentBudget::Config> percent_budget() {
  using Percent = PercentBudget::Config;
  return Rule<Percent>("percent_budget", "a percent budget", "{share: 20%}")
      .field("share", &Percent::share, share())
      .field("min_per_second", &Percent::min_per_second, count())
      .field("window", &Percent::window, duration())
      .checked_by(PercentBudget::make);
}

Form<RetryPolicy::BudgetConfig> budget() {
  using Any = RetryPolicy::BudgetConfig;
  using Tokens = TokenBudget::Config;
  auto tokens = Rule<Tokens>("token_budget", "a token budget", "{max_tokens: 10}")
                    .field("max_tokens", &Tokens::max_tokens, count())
                    .field("token_ratio", &Tokens::token_ratio, plain_number())
                    .checked_by(TokenBudget::make);
  auto kinds = OneOf<Any>("a retry budget", "{percent: {share: 20%, min_per_second: 10}}")
                   .option("percent", percent_budget(), "retries up to a share of the calls")
                   .option("tokens", tokens, "retries while more than half of the tokens are left")
                   .form();
  auto short_form = checked(
      share(), [](Share written) { return Result<Any>{PercentBudget::Config{.share = written}}; });
  return scalar_or(short_form, kinds);
}

Form<FaultSet> faults() {
  auto fault = checked(any_text(), [](const std::string& written) -> Result<std::string> {
    FaultSet probe;
    if (const auto added = probe.add(written); !added) return std::unexpected(added.error());
    return written;
  });
  fault.schema =
      R"({"type":["string","integer"],"pattern":"^(connect_failure|reset|timeout|[1-5]([0-9][0-9]|xx))$"})";
  return checked(list_of(fault, 1), [](const std::vector<std::string>& words) -> Result<FaultSet> {
    FaultSet set;
    for (const std::string& word : words) {
      if (const auto added = set.add(word); !added) return std::unexpected(added.error());
    }
    return set;
  });
}

/// The fields that all adaptive limits share.
template <class Config>
Rule<Config> adaptive(std::string_view name) {
  Rule<Config> rule{name, fmt::format("an adaptive limit ({})", name), "{max: 200}"};
  rule.field("initial", [](Config& to) -> std::uint32_t& { return to.range.initial; }, count());
  rule.field("min", [](Config& to) -> std::uint32_t& { return to.range.min; }, count());
  rule.field("max", [](Config& to) -> std::uint32_t& { return to.range.max; }, count());
  return rule;
}

/// What is not written is as in `base`.
Form<RetryPolicy::Config> retry_of(const RetryPolicy::Config& base) {
  struct Written {
    std::optional<std::uint32_t> attempts;
    std::optional<FaultSet> on;
    std::optional<RetryPolicy::BudgetConfig> budget;
    std::optional<Backoff::Config> backoff;
    [[nodiscard]] RetryPolicy::Config over(const RetryPolicy::Config& base) const {
      return {.attempts = attempts.value_or(base.attempts),
              .on = on.value_or(base.on),
              .backoff = backoff.value_or(base.backoff),
              .budget = budget.value_or(base.budget)};
    }
  };
  const auto form =
      Rule<Written>("retry", "a retry policy", "{attempts: 2, on: [connect_failure, \"503\"]}")
          .field("attempts", &Written::attempts, count())
          .field("on", &Written::on, faults())
          .field("budget", &Written::budget, budget())
          .field("backoff", &Written::backoff, backoff())
          .checked_by([base](const Written& written) {
            RetryPolicy::Config config = written.over(base);
            config.budget = RetryPolicy::NoBudget{};  // its own form has checked it
            return RetryPolicy::make(config);
          });
  return checked(form, [base](const Written& written) {
    return Result<RetryPolicy::Config>{written.over(base)};
  });
}

std::string summary(std::string_view name) {
  return std::string{find_entry(resilience::catalog(), {}, name).value()->summary};
}

}  // namespace

Form<Breaker::Config> breaker() {
  using Config = Breaker::Config;
  return Rule<Config>("breaker", "a breaker", "{consecutive_failures: 5, open_for: 10s}")
      .field("consecutive_failures", &Config::consecutive_failures, count())
      .field("error_ratio", &Config::error_ratio, share())
      .field("slow_ratio", &Config::slow_ratio, share())
      .field("slow", &Config::slow, duration())
      .field("window", &Config::window, duration())
      .field("min_requests", &Config::min_requests, count())
      .field("open_for", &Config::open_for, duration())
      .field("half_open", &Config::half_open, count())
      .field("probe_timeout", &Config::probe_timeout, duration())
      .checked_by(Breaker::make);
}

Form<Outlier::Config> outlier() {
  using Config = Outlier::Config;
  return Rule<Config>("outlier", "outlier ejection", "{consecutive_failures: 5, base_time: 30s}")
      .field("consecutive_failures", &Config::consecutive_failures, count())
      .field("success_rate", &Config::success_rate, boolean())
      .field("stdev_factor", &Config::stdev_factor, plain_number())
      .field("failure_percent", &Config::failure_percent, share())
      .field("min_targets", &Config::min_targets, count())
      .field("min_requests", &Config::min_requests, count())
      .field("interval", &Config::interval, duration())
      .field("base_time", &Config::base_time, duration())
      .field("max_time", &Config::max_time, duration())
      .field("max_ejected", &Config::max_ejected, share())
      .checked_by([](const Config& config) { return Outlier::make(config, 0); });
}

Form<RetryPolicy::Config> retry() { return retry_of({}); }

Form<RetryPolicy::Config> client_retry() {
  RetryPolicy::Config config;
  for (const char* word : {"connect_failure", "reset", "timeout", "5xx"}) {
    HG_ASSERT(config.on.add(word).has_value());
  }
  config.budget = RetryPolicy::NoBudget{};
  return retry_of(config);
}

Form<Hedge::Config> hedge() {
  using Config = Hedge::Config;
  return Rule<Config>("hedge", "a hedge", "{delay: 20ms}")
      .field("percentile", &Config::percentile, share())
      .field("delay", &Config::delay, duration())
      .field("min_samples", &Config::min_samples, count())
      .field("window", &Config::window, duration())
      .field("budget", &Config::budget,
             scalar_or(checked(share(),
                               [](Share written) {
                                 return Result<PercentBudget::Config>{{.share = written}};
                               }),
                       percent_budget()))
      .checked_by(Hedge::make);
}

Form<Codel::Config> codel() {
  using Config = Codel::Config;
  return Rule<Config>("codel", "CoDel", "{target: 5ms, interval: 100ms}")
      .field("target", &Config::target, duration())
      .field("interval", &Config::interval, duration())
      .checked_by(Codel::make);
}

Form<AdaptiveConcurrency::Config> concurrency() {
  using Any = AdaptiveConcurrency::Config;
  auto fixed = checked(count(), [](std::uint32_t limit) -> Result<FixedLimit> {
    const auto made = AdaptiveConcurrency::make(FixedLimit{limit});
    if (!made) return std::unexpected(made.error());
    return FixedLimit{limit};
  });
  auto aimd = adaptive<Aimd::Config>("aimd")
                  .field("backoff", &Aimd::Config::backoff, share())
                  .field("timeout", &Aimd::Config::timeout, duration())
                  .checked_by(Aimd::make);
  auto vegas = adaptive<Vegas::Config>("vegas")
                   .field("probe", &Vegas::Config::probe, count())
                   .checked_by(Vegas::make);
  auto gradient = adaptive<Gradient::Config>("gradient")
                      .field("smoothing", &Gradient::Config::smoothing, share())
                      .field("tolerance", &Gradient::Config::tolerance, plain_number())
                      .field("queue", &Gradient::Config::queue, count())
                      .field("long_window", &Gradient::Config::long_window, count())
                      .checked_by(Gradient::make);
  return OneOf<Any>("a concurrency limit", "{limit: 100}")
      .option("limit", fixed, "as many requests at once, and no more; 1 to 1M")
      .option("aimd", aimd, summary("aimd"))
      .option("vegas", vegas, summary("vegas"))
      .option("gradient", gradient, summary("gradient"))
      .form();
}

Form<ClientThrottle::Config> throttle() {
  using Config = ClientThrottle::Config;
  return Rule<Config>("client_throttle", "a throttle", "{k: 2}")
      .field("k", &Config::k, plain_number())
      .field("window", &Config::window, duration())
      .field("min_requests", &Config::min_requests, count())
      .checked_by(ClientThrottle::make);
}

}  // namespace headgate::config
