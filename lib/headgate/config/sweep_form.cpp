#include "headgate/config/sweep_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "headgate/config/range.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

/// Any value, as it stands.
Form<Node> any_value() {
  return {[](const Node& node, Reading&) { return std::optional<Node>{node}; }, "{}"};
}

/// A list of what `item` reads, or a range of it: the nodes, each checked.
template <class T>
Form<std::vector<Node>> values_of(const Form<T>& item) {
  const auto list = list_of(item, 1);
  return {[read = item.read, whole = list.read](
              const Node& node, Reading& reading) -> std::optional<std::vector<Node>> {
            if (node.kind != Node::Kind::kScalar || !is_range(node.text)) {
              const auto values = whole(node, reading);
              if (!values || values->size() != node.items.size()) return std::nullopt;
              return node.items;
            }
            const auto texts = expand_range(node.text);
            if (!texts) {
              reading.error("GW001", node.at, fmt::format("'{}' {}", node.text, texts.error().why));
              return std::nullopt;
            }
            std::vector<Node> nodes;
            for (const std::string& text : *texts) {
              Node value = node;  // of the same place
              value.text = text;
              if (!read(value, reading)) return std::nullopt;
              nodes.push_back(std::move(value));
            }
            return nodes;
          },
          fmt::format(R"({{"anyOf":[{},{{"type":"string","pattern":"\\.\\..* step "}}]}})",
                      list.schema)};
}

Form<WrittenDimension> dimension() {
  return Object<WrittenDimension>("a dimension")
      .required("path", &WrittenDimension::path, text(), "where its values go")
      .required("values", &WrittenDimension::values, values_of(any_value()),
                "one for each point, or a range such as 10ms..50ms step 10ms")
      .form();
}

/// `{variants: {pool: {services.web.servers: 10}, split: {services.web.targets: 10}}}`: designs by
/// name that differ in more than one place.
Form<WrittenDimension> variants() {
  using Variants = std::vector<std::pair<std::string, WrittenDimension::Settings>>;
  struct Written {
    Variants variants;
  };
  const auto form = Object<Written>("a dimension")
                        .required("variants", &Written::variants, map_of(map_of(any_value())),
                                  "by name: what each puts where")
                        .form();
  return {
      [read = form.read](const Node& node, Reading& reading) -> std::optional<WrittenDimension> {
        auto written = read(node, reading);
        if (!written) return std::nullopt;
        WrittenDimension dimension;
        for (auto& [name, settings] : written->variants) {
          Node value;
          value.at = node.at;
          value.text = name;
          dimension.values.push_back(std::move(value));
          dimension.variants.push_back(std::move(settings));
        }
        return dimension;
      },
      form.schema};
}

/// Values at one path, or variants.
Form<WrittenDimension> any_dimension() {
  const auto values = dimension();
  const auto named = variants();
  return {[values, named](const Node& node, Reading& reading) {
            const bool is_named = node.kind == Node::Kind::kMap && node.find("variants") != nullptr;
            return (is_named ? named : values).read(node, reading);
          },
          fmt::format(R"({{"anyOf":[{},{}]}})", values.schema, named.schema)};
}

/// `load: [0.5, 0.9]`, `load: 0.5..0.95 step 0.05`; ρ may pass 1: an overload is a legal question.
Form<WrittenDimension> load_dimension() {
  const auto loads = values_of(number(1e-6, 1e3));
  return {
      [read = loads.read](const Node& node, Reading& reading) -> std::optional<WrittenDimension> {
        auto values = read(node, reading);
        if (!values) return std::nullopt;
        return WrittenDimension{.name = {}, .path = {}, .values = std::move(*values)};
      },
      loads.schema};
}

Form<Constraint> constraint() {
  return checked(any_text(), [](const std::string& written) {
    auto constraint = Constraint::parse(written);
    if (!constraint)
      constraint.error().why = fmt::format("'{}': {}", written, constraint.error().why);
    return constraint;
  });
}

/// What a constraint compares must be swept, on its left side at least.
void check_constraint(const Node& node, Reading& reading, const WrittenSweep& sweep) {
  if (!sweep.constraint) return;
  std::vector<std::string_view> names;
  names.reserve(sweep.dimensions.size());
  for (const WrittenDimension& dimension : sweep.dimensions) names.push_back(dimension.name);
  for (const Constraint::Comparison& comparison : sweep.constraint->comparisons()) {
    if (std::ranges::find(names, comparison.left) != names.end()) continue;
    const std::string_view near = nearest_word(comparison.left, names);
    reading.within("constraint", [&] {
      reading.error("GW003", node.find("constraint")->at,
                    fmt::format("the sweep has no dimension '{}'", comparison.left),
                    near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
    });
  }
}

}  // namespace

Form<WrittenSweep> sweep_form() {
  const auto load = load_dimension();
  const auto other = any_dimension();
  const auto filter = constraint();
  return {[load, other, filter](const Node& node, Reading& reading) -> std::optional<WrittenSweep> {
            if (!is_map(node, reading, "a map of dimensions")) return std::nullopt;
            WrittenSweep sweep;
            for (const Member& member : node.members) {
              if (member.key == "constraint") {
                sweep.constraint =
                    reading.within(member.key, [&] { return filter.read(member.value, reading); });
                continue;
              }
              const auto& form = member.key == "load" ? load : other;
              auto read =
                  reading.within(member.key, [&] { return form.read(member.value, reading); });
              // Without values it was reported; it must not make the product of all empty.
              if (!read || read->values.empty()) continue;
              read->name = member.key;
              sweep.dimensions.push_back(std::move(*read));
            }
            check_constraint(node, reading, sweep);
            return sweep;
          },
          fmt::format(R"({{"type":"object","properties":{{"load":{},"constraint":{}}},)"
                      R"("additionalProperties":{}}})",
                      load.schema, filter.schema, other.schema)};
}

}  // namespace headgate::config
