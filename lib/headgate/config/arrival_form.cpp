// Distributions in a tree. Which there are and what they need is arrival's catalog; here is only
// how a name and its arguments stand in a map.
#include <fmt/format.h>

#include <algorithm>

#include "headgate/arrival/catalog.hpp"
#include "headgate/config/recorded.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

using arrival::Distribution;

std::string schema_of(arrival::ValueKind kind) {
  switch (kind) {
    case arrival::ValueKind::kDuration:
      return duration().schema;
    case arrival::ValueKind::kRate:
      return rate().schema;
    case arrival::ValueKind::kCount:
      return whole().schema;
    case arrival::ValueKind::kFile:
      return text().schema;
    case arrival::ValueKind::kNumber:
      return R"({"type":"number"})";
    case arrival::ValueKind::kDistribution:
      break;
  }
  return R"({"type":"object"})";
}

/// `{mean: 10ms, cv: 2}`: a choice between the alternatives of the entry.
std::string map_schema_of(const arrival::Entry& entry) {
  std::string properties;
  int alternatives = 0;
  for (const arrival::Option& option : entry.options) {
    alternatives = std::max(alternatives, option.alternative);
    properties += fmt::format("{}{}:{}", properties.empty() ? "" : ",", json_quoted(option.name),
                              schema_of(option.kind));
  }
  std::string choices;
  for (int choice = std::min(alternatives, 1); choice <= alternatives; ++choice) {
    std::string required;
    for (const arrival::Option& option : entry.options) {
      if (!option.required || (option.alternative != 0 && option.alternative != choice)) continue;
      required += (required.empty() ? "" : ",") + json_quoted(option.name);
    }
    choices += fmt::format("{}{{\"required\":[{}]}}", choices.empty() ? "" : ",", required);
  }
  return fmt::format(
      "{{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{{{}}},\"oneOf\":[{}]}}",
      properties, choices);
}

std::string schema_of(const arrival::Entry& entry) {
  std::string by_name = map_schema_of(entry);
  if (entry.form == arrival::Form::kMap) return by_name;
  if (entry.form == arrival::Form::kScalar) {
    return fmt::format("{{\"anyOf\":[{},{}]}}", schema_of(entry.options[0].kind), by_name);
  }
  std::string items;
  for (const arrival::Option& option : entry.options) {
    items += (items.empty() ? "" : ",") + schema_of(option.kind);
  }
  return fmt::format(
      "{{\"anyOf\":[{{\"type\":\"array\",\"items\":[{}],\"minItems\":{},\"maxItems\":{}}},{}]}}",
      items, entry.options.size(), entry.options.size(), by_name);
}

/// The arguments as written; false if one of them is not a scalar.
bool gather(const Node& node, Reading& reading, std::vector<arrival::Argument>& arguments) {
  const auto take = [&](std::string name, const Node& value) {
    if (value.kind != Node::Kind::kScalar) {
      reading.expected(value, "a plain value");
      return false;
    }
    arguments.push_back({std::move(name), value.text});
    return true;
  };
  if (node.kind == Node::Kind::kScalar) return take({}, node);
  if (node.kind == Node::Kind::kList) {
    return std::ranges::all_of(node.items, [&](const Node& item) { return take({}, item); });
  }
  return std::ranges::all_of(node.members, [&](const Member& member) {
    return reading.within(member.key, [&] { return take(member.key, member.value); });
  });
}

Form<Distribution> plain(const arrival::Entry& entry) {
  return {[entry](const Node& node, Reading& reading) -> std::optional<Distribution> {
            std::vector<arrival::Argument> arguments;
            if (!gather(node, reading, arguments)) return std::nullopt;
            Result<Distribution> made = arrival::make_distribution(entry.name, arguments);
            if (made) return std::move(*made);
            const std::string& where = made.error().where;
            const Node* option = node.find(where);
            reading.error("GW001", option == nullptr ? node.at : option->at,
                          where.empty() ? fmt::format("{} {}", entry.name, made.error().why)
                                        : fmt::format("'{}' {}", where, made.error().why),
                          fmt::format("write it like {}", entry.example));
            return std::nullopt;
          },
          schema_of(entry)};
}

using Part = std::pair<Share, Distribution>;

/// `[90%, {constant: 5ms}]`
std::optional<Part> read_part(const Node& node, Reading& reading) {
  if (node.kind != Node::Kind::kList || node.items.size() != 2) {
    reading.expected(node, "a share and a distribution: [90%, {constant: 5ms}]");
    return std::nullopt;
  }
  auto part_share = reading.within("0", [&] { return share().read(node.items[0], reading); });
  auto part = reading.within("1", [&] { return distribution().read(node.items[1], reading); });
  if (!part_share || !part) return std::nullopt;
  return Part{*part_share, std::move(*part)};
}

Form<Distribution> mix() {
  const Form<Part> part{
      read_part, fmt::format("{{\"type\":\"array\",\"items\":[{},{{\"$ref\":"
                             "\"#/definitions/distribution\"}}],\"minItems\":2,\"maxItems\":2}}",
                             share().schema)};
  return checked(list_of(part, 1),
                 [](const std::vector<Part>& parts) { return Distribution::mix(parts); });
}

/// A distribution that a file of its own holds; arrival knows what such a file looks like.
Form<Distribution> distribution_file(const arrival::Entry& entry) {
  return recorded<Distribution>([name = entry.name](std::string_view content) {
    return arrival::read_distribution(name, content);
  });
}

Form<Distribution> distribution_of_catalog() {
  OneOf<Distribution> form{"a distribution", "{exponential: 10ms}"};
  for (const arrival::Entry& entry : arrival::distribution_catalog()) {
    std::string doc = fmt::format("{}: {}", entry.doc, entry.example);
    if (entry.form == arrival::Form::kParts) {
      form.option(std::string{entry.name}, mix(), std::move(doc));
    } else if (entry.form == arrival::Form::kFile) {
      form.option(std::string{entry.name}, distribution_file(entry), std::move(doc));
    } else {
      form.option(std::string{entry.name}, plain(entry), std::move(doc));
    }
  }
  return form.form();
}

}  // namespace

Form<Distribution> distribution() {
  // Read through a function, for a mix holds distributions; built once, for it never changes.
  return {[](const Node& node, Reading& reading) {
            static const Form<Distribution> form = distribution_of_catalog();
            return form.read(node, reading);
          },
          R"({"$ref":"#/definitions/distribution"})"};
}

std::string distribution_schema() { return distribution_of_catalog().schema; }

}  // namespace headgate::config
