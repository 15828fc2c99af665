#include "headgate/config/policy_form.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "headgate/config/host_port.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/catalog.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

/// The parts of a key are gathered for every request, without allocation.
constexpr std::size_t kKeyPartsMax = 8;

/// The name of a catalog's entry.
Form<std::string> entry_name(std::span<const CatalogEntry> catalog) {
  std::vector<std::string> names;
  for (const CatalogEntry& entry : catalog) names.emplace_back(entry.name);
  return word(std::move(names));
}

std::vector<std::string> choices_of(std::span<const CatalogEntry> catalog,
                                    std::string_view option) {
  for (const CatalogEntry& entry : catalog) {
    const auto found = std::ranges::find(entry.options, option, &OptionInfo::name);
    if (found != entry.options.end()) return {found->choices.begin(), found->choices.end()};
  }
  return {};
}

std::string doc_of(std::span<const CatalogEntry> catalog, std::string_view option) {
  for (const CatalogEntry& entry : catalog) {
    const auto found = std::ranges::find(entry.options, option, &OptionInfo::name);
    if (found != entry.options.end()) return fmt::format("{}: {}", entry.name, found->doc);
  }
  return {};
}

const OptionInfo& common(std::string_view option) {
  const auto options = ratelimit::common_options();
  const auto found = std::ranges::find(options, option, &OptionInfo::name);
  HG_ASSERT(found != options.end());
  return *found;
}

Form<Tokens> tokens(std::int64_t least = 1) {
  return checked(whole(least), [](std::int64_t count) { return Result<Tokens>{Tokens{count}}; });
}

Form<ratelimit::KeySpec> key_spec() {
  auto part = checked(
      any_text(), [](const std::string& written) { return ratelimit::parse_key_part(written); });
  part.schema =
      R"({"type":"string","pattern":"^(client_ip|consumer|route|service|global|header:.+)$"})";
  auto parts =
      checked(list_of(part, 1), [](ratelimit::KeySpec&& all) -> Result<ratelimit::KeySpec> {
        if (all.size() <= kKeyPartsMax) return std::move(all);
        return failed(Errc::kInvalidConfig, "key",
                      fmt::format("has more than {} parts", kKeyPartsMax));
      });
  return scalar_or(checked(part,
                           [](ratelimit::KeyPart&& single) {
                             return Result<ratelimit::KeySpec>{{std::move(single)}};
                           }),
                   parts);
}

const OptionInfo& shared_option(std::string_view option) {
  const auto options = ratelimit::shared_options();
  const auto found = std::ranges::find(options, option, &OptionInfo::name);
  HG_ASSERT(found != options.end());
  return *found;
}

Form<std::string> redis_address() {
  return checked(any_text(), [](const std::string& written) -> Result<std::string> {
    const auto address = parse_host_port(written);
    if (address && address->port > 0) return written;
    return failed(Errc::kInvalidConfig, "redis",
                  fmt::format("'{}' is no HOST:PORT such as 127.0.0.1:6379", written));
  });
}

Form<ratelimit::SharedSpec> shared_spec() {
  using ratelimit::SharedSpec;
  const auto choice = [](std::string_view option) {
    const auto choices = shared_option(option).choices;
    return word({choices.begin(), choices.end()});
  };
  const auto doc = [](std::string_view option) { return std::string{shared_option(option).doc}; };
  const auto fallback = [](std::string_view option) {
    return std::string{shared_option(option).fallback};
  };
  return Object<SharedSpec>("a shared limit", "{redis: \"127.0.0.1:6379\", mode: exact}")
      .required("redis", &SharedSpec::redis, redis_address(), doc("redis"))
      .optional("mode", &SharedSpec::mode, checked(choice("mode"), ratelimit::parse_shared_mode),
                doc("mode"), fallback("mode"))
      .optional("lease", &SharedSpec::lease, tokens(), doc("lease"), fallback("lease"))
      .optional("lease_time", &SharedSpec::lease_time, positive_duration(), doc("lease_time"),
                fallback("lease_time"))
      .optional("timeout", &SharedSpec::timeout, positive_duration(), doc("timeout"),
                fallback("timeout"))
      .optional("on_failure", &SharedSpec::on_failure,
                checked(choice("on_failure"), ratelimit::parse_on_failure), doc("on_failure"),
                fallback("on_failure"))
      .optional("gateways", &SharedSpec::gateways, whole(1, 10'000), doc("gateways"),
                fallback("gateways"))
      .optional("prefix", &SharedSpec::prefix, any_text(), doc("prefix"), fallback("prefix"))
      .form();
}

/// The node that the error's `where` names: a field, or one of an object in it.
const Node* named_node(const Node& node, std::string_view where) {
  const std::size_t dot = where.find('.');
  const Node* found = node.find(where.substr(0, dot));
  if (found == nullptr || dot == std::string_view::npos) return found;
  const Node* inner = found->find(where.substr(dot + 1));
  return inner == nullptr ? found : inner;
}

/// What the algorithm itself says of its options: one that is missing, one too many, a value out of
/// its range. Built with room for one caller only, for the real table can be large.
void check_limiter(const Node& node, Reading& reading, ratelimit::Spec& spec) {
  if (spec.algorithm.empty()) return;  // reported already
  for (const CatalogEntry& entry : ratelimit::catalog()) {
    if (entry.name != spec.algorithm) continue;
    for (const OptionInfo& option : entry.options) {
      // Written and refused, or missing: `make` would call both missing.
      if (node.find(option.name) != nullptr || !option.fallback.empty()) continue;
      reading.error("GW001", node.at, fmt::format("{} needs '{}'", entry.name, option.name),
                    std::string{option.doc});
      return;
    }
  }
  ratelimit::Spec probe = spec;
  probe.max_keys = 1;
  const auto made = ratelimit::make(probe, {});
  if (made) return;
  const Node* option = named_node(node, made.error().where);
  if (option != nullptr && made.error().why.starts_with("is required")) return;
  reading.within(made.error().where, [&] {
    reading.error("GW001", option == nullptr ? node.at : option->at,
                  fmt::format("'{}' {}", made.error().where, made.error().why));
  });
}

/// For each algorithm its own options: all that it needs, none that only others have.
std::string per_algorithm(const std::string& all) {
  std::string choices;
  for (const CatalogEntry& entry : ratelimit::catalog()) {
    std::string required = R"("algorithm")";
    std::string forbidden;
    for (const OptionInfo& option : entry.options) {
      if (option.fallback.empty()) required += "," + json_quoted(option.name);
    }
    for (const CatalogEntry& other : ratelimit::catalog()) {
      for (const OptionInfo& option : other.options) {
        if (std::ranges::find(entry.options, option.name, &OptionInfo::name) ==
            entry.options.end()) {
          forbidden += fmt::format(",{}:false", json_quoted(option.name));
        }
      }
    }
    choices += fmt::format(
        "{}{{\"description\":{},\"properties\":{{\"algorithm\":{{\"const\":{}}}{}}},\"required\":[{"
        "}]}}",
        choices.empty() ? "" : ",", json_quoted(entry.summary), json_quoted(entry.name), forbidden,
        required);
  }
  return fmt::format("{{\"allOf\":[{},{{\"oneOf\":[{}]}}]}}", all, choices);
}

/// An option that every algorithm has, as the catalog describes it.
template <class Member, class V>
void add_common(Object<ratelimit::Spec>& object, std::string_view option, Member member,
                const Form<V>& form) {
  const OptionInfo& info = common(option);
  object.optional(std::string{option}, member, form, std::string{info.doc},
                  std::string{info.fallback});
}

Form<std::string> common_word(std::string_view option) {
  const auto choices = common(option).choices;
  return word({choices.begin(), choices.end()});
}

/// How requests are counted: the options of the algorithms.
void add_counting(Object<ratelimit::Spec>& object) {
  using ratelimit::Spec;
  const auto limiters = ratelimit::catalog();
  object.required("algorithm", &Spec::algorithm, entry_name(limiters), "how requests are counted")
      .optional("rate", &Spec::rate, rate(), doc_of(limiters, "rate"))
      .optional("burst", &Spec::burst, tokens(0), doc_of(limiters, "burst"))
      .optional("limit", &Spec::limit, tokens(), doc_of(limiters, "limit"))
      .optional("window", &Spec::window, positive_duration(), doc_of(limiters, "window"))
      .optional("start", &Spec::start,
                checked(word(choices_of(limiters, "start")), ratelimit::parse_window_start),
                doc_of(limiters, "start"))
      .optional("period", &Spec::period,
                checked(word(choices_of(limiters, "period")), ratelimit::parse_period),
                doc_of(limiters, "period"))
      .optional("delay", &Spec::delay, tokens(0), doc_of(limiters, "delay"));
}

/// Who is counted, and where.
void add_callers(Object<ratelimit::Spec>& object) {
  using ratelimit::Spec;
  add_common(object, "key", &Spec::key, key_spec());
  add_common(object, "max_keys", &Spec::max_keys, whole(1, 100'000'000));
  add_common(object, "overflow", &Spec::overflow,
             checked(common_word("overflow"), ratelimit::parse_overflow));
  add_common(object, "ipv4_prefix", &Spec::ipv4_prefix, whole(1, 32));
  add_common(object, "ipv6_prefix", &Spec::ipv6_prefix, whole(1, 128));
}

/// One family, none, or a list of some.
Form<ratelimit::FieldFamilies> field_families() {
  using ratelimit::FieldFamilies;
  const auto one =
      checked(common_word("fields"), [](const std::string& written) -> Result<FieldFamilies> {
        if (written == "none") return FieldFamilies{};
        const auto family = ratelimit::parse_field_family(written);
        if (!family) return std::unexpected(family.error());
        return FieldFamilies{*family};
      });
  std::vector<std::string> families;
  families.reserve(ratelimit::kFieldFamilies.size());
  for (const ratelimit::FieldFamily family : ratelimit::kFieldFamilies) {
    families.emplace_back(to_text(family));
  }
  const auto several =
      checked(list_of(checked(word(std::move(families)), ratelimit::parse_field_family), 1),
              [](const std::vector<ratelimit::FieldFamily>& written) {
                FieldFamilies all;
                for (const ratelimit::FieldFamily family : written) all.add(family);
                return Result<FieldFamilies>{all};
              });
  return scalar_or(one, several);
}

/// What clients are told.
void add_fields(Object<ratelimit::Spec>& object) {
  using ratelimit::Spec;
  add_common(object, "name", &Spec::name, name());
  add_common(object, "fields", &Spec::fields, field_families());
  add_common(object, "fields_on", &Spec::fields_on,
             checked(common_word("fields_on"), ratelimit::parse_fields_on));
  add_common(object, "retry_jitter", &Spec::retry_jitter, duration());
}

}  // namespace

Form<ratelimit::Spec> rate_limit() {
  Object<ratelimit::Spec> object("a rate limit",
                                 "{algorithm: token_bucket, rate: 100/s, burst: 20}");
  add_counting(object);
  add_callers(object);
  add_fields(object);
  object
      .optional("shared", &ratelimit::Spec::shared, shared_spec(),
                "one limit for several gateways, kept in a Redis", "each gateway has its own")
      .then(check_limiter);
  Form<ratelimit::Spec> form = object.form();
  form.schema = per_algorithm(form.schema);
  return form;
}

}  // namespace headgate::config
