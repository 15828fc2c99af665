#include "headgate/config/policy_document.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "headgate/config/form.hpp"
#include "headgate/config/host_port.hpp"
#include "headgate/config/policy_form.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/config/text.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

Form<std::string> policy_target_url() {
  return checked(any_text(), [](const std::string& written) -> Result<std::string> {
    const Result<Url> url = parse_url(written);
    if (url) return written;
    return failed(Errc::kInvalidArgument, written,
                  fmt::format("'{}' {}", written, url.error().why));
  });
}

/// A target as it is written: it needs something to be called by.
struct WrittenPolicyTarget {
  PolicyTarget target;
  std::string url;
};

void name_it(const Node& node, Reading& reading, WrittenPolicyTarget& written) {
  if (written.target.name.empty()) written.target.name = written.url;
  if (!written.target.name.empty()) return;
  if (node.find("name") != nullptr || node.find("url") != nullptr) return;  // reported already
  reading.error("GW001", node.at, "a target needs 'name'", "what the output calls it");
}

Form<PolicyTarget> policy_target() {
  const auto part = [](auto member) {
    return [member](WrittenPolicyTarget& written) -> auto& { return written.target.*member; };
  };
  auto written =
      Object<WrittenPolicyTarget>("a target", "{name: a, weight: 5}")
          .optional("name", part(&PolicyTarget::name), name(), "what the output calls it", "url")
          .optional("url", &WrittenPolicyTarget::url, policy_target_url(),
                    "as in a gateway; nothing is sent")
          .optional("weight", part(&PolicyTarget::weight), small(1),
                    "its part of the requests, where the policy reads it", "1")
          .optional("locality", part(&PolicyTarget::locality), small(0),
                    "how far away: 0 is here, greater is farther", "0")
          .then(name_it)
          .form();
  return checked(written, [](WrittenPolicyTarget&& all) {
    return Result<PolicyTarget>{std::move(all.target)};
  });
}

/// A target's name is who it is: for the output, and for what a policy remembers of it.
void names_must_differ(const Node& node, Reading& reading, BalancePolicy& policy) {
  const Node* targets = node.find("targets");
  if (targets == nullptr || targets->items.size() != policy.targets.size()) return;
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < policy.targets.size(); ++i) {
    const auto [first, is_new] = seen.emplace(policy.targets[i].name, i);
    if (is_new || policy.targets[i].name.empty()) continue;
    const std::size_t before = first->second;
    reading.within(fmt::format("targets.{}", i), [&] {
      reading.error("GW002", targets->items[i].at,
                    fmt::format("two targets are called '{}'", policy.targets[i].name),
                    fmt::format("the first is targets.{}", before));
    });
  }
}

Form<LimitPolicy> limit_policy() {
  const auto one = checked(rate_limit(), [](ratelimit::Spec&& spec) {
    return Result<std::vector<ratelimit::Spec>>{{std::move(spec)}};
  });
  return Object<LimitPolicy>("a policy of limits",
                             "{rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20}}")
      .optional("rate_limit", &LimitPolicy::limits, one, "one limit")
      .optional("rate_limits", &LimitPolicy::limits, list_of(rate_limit(), 1),
                "several that decide as one: what any refuses is refused and spends nothing")
      .exactly_one({"rate_limit", "rate_limits"})
      .form();
}

Form<BalancePolicy> balance_policy() {
  return Object<BalancePolicy>("a policy of balancing",
                               "{balance: {policy: round_robin}, targets: [{name: a}, {name: b}]}")
      .required("balance", &BalancePolicy::balance, balance_spec(), "how a target is picked")
      .required("targets", &BalancePolicy::targets, list_of(policy_target(), 1),
                "what is picked from")
      .then(names_must_differ)
      .form();
}

template <class T>
Loaded<T> load_tree(Loaded<Tree> tree, const Form<T>& form) {
  if (!tree.readable) return {.diagnostics = std::move(tree.diagnostics), .readable = false};
  Loaded<T> loaded{.diagnostics = std::move(tree.diagnostics)};
  Reading reading{tree.value.file, {}, loaded.diagnostics};
  if (auto value = form.read(tree.value.root, reading)) loaded.value = std::move(*value);
  sort_by_place(loaded.diagnostics);
  return loaded;
}

}  // namespace

Loaded<LimitPolicy> load_limit_policy_file(const std::string& file) {
  return load_tree(read_file(file), limit_policy());
}
Loaded<LimitPolicy> load_limit_policy_text(std::string_view text, const std::string& file) {
  return load_tree(read_text(text, file), limit_policy());
}
Loaded<BalancePolicy> load_balance_policy_file(const std::string& file) {
  return load_tree(read_file(file), balance_policy());
}
Loaded<BalancePolicy> load_balance_policy_text(std::string_view text, const std::string& file) {
  return load_tree(read_text(text, file), balance_policy());
}

std::string policy_schema() {
  return document_schema(
      "Headgate policy",
      fmt::format("{{\"oneOf\":[{},{}]}}", limit_policy().schema, balance_policy().schema));
}

}  // namespace headgate::config
