// The form of `balance:`. Which options there are, what they mean and which policy takes which come
// from the catalog; here stands only how each is written.
#include <fmt/format.h>

#include <algorithm>

#include "headgate/config/policy_form.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/catalog.hpp"
#include "headgate/ratelimit/key.hpp"

namespace headgate::config {
namespace {

using balance::Spec;

/// As with rate limits: gathered for every request, without allocation.
constexpr std::size_t kAffinityPartsMax = 8;

bool has_option(const CatalogEntry& entry, std::string_view option) {
  return std::ranges::find(entry.options, option, &OptionInfo::name) != entry.options.end();
}

const OptionInfo* find_option(std::span<const OptionInfo> options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &OptionInfo::name);
  return found == options.end() ? nullptr : &*found;
}

/// What the catalog says of an option; null if no policy has it.
const OptionInfo* find_option(std::string_view name) {
  if (const OptionInfo* common = find_option(balance::common_options(), name)) return common;
  for (const CatalogEntry& entry : balance::catalog()) {
    if (const OptionInfo* own = find_option(entry.options, name)) return own;
  }
  return nullptr;
}

/// Adds an option as the catalog describes it, with the policies that take it.
template <class V>
void add_option(Object<Spec>& object, std::string_view name, auto place, const Form<V>& form) {
  const OptionInfo* option = find_option(name);
  if (option == nullptr) {
    object.unavailable(std::string{name}, "no policy of this version takes it");
    return;
  }
  std::string takers;
  for (const CatalogEntry& entry : balance::catalog()) {
    if (has_option(entry, name)) takers.append(takers.empty() ? "" : ", ").append(entry.name);
  }
  object.optional(
      std::string{name}, place, form,
      takers.empty() ? std::string{option->doc} : fmt::format("{}: {}", takers, option->doc),
      std::string{option->fallback});
}

/// One part of a key, or a list of them, as it is written.
Form<std::vector<std::string>> key_parts() {
  auto part = checked(any_text(), [](std::string&& written) -> Result<std::string> {
    const auto parsed = ratelimit::parse_key_part(written);
    if (!parsed) return std::unexpected(parsed.error());
    return std::move(written);
  });
  part.schema =
      R"({"type":"string","pattern":"^(client_ip|consumer|route|service|global|header:.+)$"})";
  using Parts = std::vector<std::string>;
  auto parts = checked(list_of(part, 1), [](Parts&& all) -> Result<Parts> {
    if (all.size() <= kAffinityPartsMax) return std::move(all);
    return failed(Errc::kInvalidConfig, "key",
                  fmt::format("has more than {} parts", kAffinityPartsMax));
  });
  return scalar_or(
      checked(part, [](std::string&& single) { return Result<Parts>{{std::move(single)}}; }),
      parts);
}

/// `30s`, or `{window: 30s, aggression: 2, min: 10%}`.
Form<balance::SlowStartSpec> slow_start() {
  using Slow = balance::SlowStartSpec;
  auto window = checked(duration(), [](Duration only) { return Result<Slow>{{.window = only}}; });
  auto full = Object<Slow>("a slow start", "{window: 30s, aggression: 2, min: 10%}")
                  .required("window", &Slow::window, duration(), "until the full share")
                  .optional("aggression", &Slow::aggression, whole(1, 10),
                            "a in (t / window)^(1 / a): 1 is linear, more is faster at first", "1")
                  .optional("min", &Slow::min, share(), "of the full share, from the start", "10%")
                  .form();
  return scalar_or(window, full);
}

/// What a cookie may be called: a token of RFC 9110.
bool is_cookie_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

Form<std::string> sticky() {
  struct Sticky {
    std::string cookie;
  };
  auto cookie = checked(any_text(), [](std::string&& name) -> Result<std::string> {
    if (is_cookie_name(name)) return std::move(name);
    return failed(Errc::kInvalidConfig, "cookie",
                  "a cookie's name has 1 to 64 letters, digits, '_', '-' or '.'");
  });
  return checked(Object<Sticky>("a sticky session", "{cookie: hg_target}")
                     .required("cookie", &Sticky::cookie, cookie, "its name")
                     .form(),
                 [](Sticky&& all) { return Result<std::string>{std::move(all.cookie)}; });
}

/// What the policy itself says of its options: one that it does not have, a value out of its range.
void check_balancer(const Node& node, Reading& reading, Spec& spec) {
  if (node.find("policy") == nullptr || spec.policy.empty()) return;  // reported already
  const auto made = balance::make(spec);
  if (made) return;
  const Node* option = node.find(made.error().where);
  reading.within(made.error().where, [&] {
    reading.error("GW001", option == nullptr ? node.at : option->at,
                  fmt::format("'{}' {}", made.error().where, made.error().why));
  });
}

/// For each policy none of the options that only others have.
std::string per_policy(const std::string& all) {
  std::vector<std::string_view> options;
  for (const CatalogEntry& entry : balance::catalog()) {
    for (const OptionInfo& option : entry.options) options.push_back(option.name);
  }
  std::ranges::sort(options);
  options.erase(std::ranges::unique(options).begin(), options.end());
  std::string choices;
  for (const CatalogEntry& entry : balance::catalog()) {
    std::string forbidden;
    for (const std::string_view option : options) {
      if (!has_option(entry, option)) forbidden += fmt::format(",{}:false", json_quoted(option));
    }
    choices += fmt::format(
        "{}{{\"description\":{},\"properties\":{{\"policy\":{{\"const\":{}}}{}}},\"required\":["
        "\"policy\"]}}",
        choices.empty() ? "" : ",", json_quoted(entry.summary), json_quoted(entry.name), forbidden);
  }
  return fmt::format("{{\"allOf\":[{},{{\"oneOf\":[{}]}}]}}", all, choices);
}

}  // namespace

Form<balance::Spec> balance_spec() {
  std::vector<std::string> names;
  for (const CatalogEntry& entry : balance::catalog()) names.emplace_back(entry.name);
  Object<Spec> object{"a balancer", "{policy: round_robin}"};
  object.required("policy", &Spec::policy, word(std::move(names)),
                  "how the target of a request is picked");
  add_option(object, "key", &Spec::key, key_parts());
  add_option(object, "d", &Spec::d, whole(2));
  add_option(object, "table_size", &Spec::table_size, whole(1));
  add_option(object, "points", &Spec::points, whole(1));
  add_option(object, "bound", &Spec::bound, number(1, 1000));
  add_option(object, "size", &Spec::size, whole(1));
  add_option(object, "client", &Spec::client, whole(0));
  add_option(object, "clients", &Spec::clients, whole(1));
  add_option(object, "spare", &Spec::spare, number(1, 10));
  add_option(object, "active_request_bias", &Spec::active_request_bias, number(0, 4));
  add_option(object, "decay", &Spec::decay, positive_duration());
  add_option(object, "penalty", &Spec::penalty, duration());
  add_option(object, "quantile", &Spec::quantile, share());
  add_option(object, "slow_start", &Spec::slow_start, slow_start());
  add_option(object, "panic", &Spec::panic, share());
  add_option(object, "stale", &Spec::stale, duration());
  add_option(object, "sticky", &Spec::sticky, sticky());
  object.then(check_balancer);
  Form<Spec> form = object.form();
  form.schema = per_policy(form.schema);
  return form;
}

}  // namespace headgate::config
