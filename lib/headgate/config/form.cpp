#include "headgate/config/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

/// Longer values are cut in messages: a diagnostic is one line.
constexpr std::size_t kShownMax = 40;
constexpr std::size_t kNameMax = 200;
/// Whoever has more to mend starts with these.
constexpr std::size_t kDiagnosticsMax = 500;

std::string shown(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kScalar:
      break;
  }
  if (node.text.empty()) return "nothing";
  if (node.text.size() <= kShownMax) return fmt::format("'{}'", node.text);
  return fmt::format("'{}…'", node.text.substr(0, kShownMax));
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "'" : ", '") + word + "'";
  return text;
}

const Field* find_field(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields.list, name, &Field::name);
  return found == fields.list.end() ? nullptr : &*found;
}

void report_unknown(const Fields& fields, const Member& member, Reading& reading) {
  std::vector<std::string> names;
  for (const Field& field : fields.list) {
    if (field.need != Field::Need::kUnavailable) names.push_back(field.name);
  }
  const std::string_view near = meant(member.key, names);
  reading.error(
      "GW001", member.at, fmt::format("unknown key '{}' in {}", member.key, fields.what),
      near.empty() ? "known here: " + quoted_list(names) : fmt::format("did you mean '{}'?", near));
}

/// Each group has exactly one of its names. Not asked when a key was refused: that is reported
/// already, and may well be the slip that makes the group look empty.
void check_groups(const Fields& fields, const Node& node, Reading& reading) {
  for (const std::vector<std::string>& group : fields.exactly_one) {
    std::vector<std::string> present;
    for (const std::string& name : group) {
      if (node.find(name) != nullptr) present.push_back(name);
    }
    if (present.empty()) {
      reading.error("GW001", node.at,
                    fmt::format("{} needs exactly one of {}", fields.what, quoted_list(group)));
    } else if (present.size() > 1) {
      reading.error(
          "GW001", node.at,
          fmt::format("{} has {}; only one of them can be", fields.what, quoted_list(present)));
    }
  }
}

}  // namespace

void Reading::add(Severity severity, std::string_view id, Position at, std::string message,
                  std::string hint) {
  if (found_.size() > kDiagnosticsMax) return;
  if (found_.size() == kDiagnosticsMax) {
    severity = Severity::kError;
    message = "and more, not shown";
    hint = "mend the others first";
  }
  found_.push_back(
      {std::string{id}, severity, file_, at, path_, std::move(message), std::move(hint)});
}

void Reading::expected(const Node& node, std::string_view expected) {
  error("GW001", node.at, fmt::format("expected {}, found {}", expected, shown(node)));
}

void Fields::add(Field::Need need, std::string name, std::string doc, std::string fallback,
                 std::string schema, std::unique_ptr<const FieldReader> reader) {
  list.push_back({std::move(name), std::move(doc), need, std::move(fallback), std::move(schema),
                  std::move(reader)});
}

void Fields::add_unavailable(std::string name, std::string doc) {
  list.push_back({std::move(name), std::move(doc), Field::Need::kUnavailable, {}, {}, nullptr});
}

bool read_fields(const Fields& fields, const Node& node, Reading& reading, void* object) {
  if (!is_map(node, reading,
              fields.example.empty() ? fields.what : fields.what + " such as " + fields.example)) {
    return false;
  }
  bool any_refused = false;
  for (const Member& member : node.members) {
    const Field* field = find_field(fields, member.key);
    // Only the first of repeated keys counts; the second is reported by the reader of the text.
    if (field != nullptr && node.find(member.key) != &member.value) continue;
    reading.within(member.key, [&] {
      if (field == nullptr) {
        any_refused = true;
        report_unknown(fields, member, reading);
      } else if (field->need == Field::Need::kUnavailable) {
        any_refused = true;
        reading.error("GW007", member.at,
                      fmt::format("'{}' is not available in this version", field->name),
                      field->doc);
      } else {
        field->reader->read(member.value, reading, object);
      }
    });
  }
  for (const Field& field : fields.list) {
    if (field.need == Field::Need::kRequired && node.find(field.name) == nullptr) {
      reading.error("GW001", node.at, fmt::format("{} needs '{}'", fields.what, field.name),
                    field.doc);
    }
  }
  if (!any_refused) check_groups(fields, node, reading);
  return true;
}

std::string schema_of(const Fields& fields) {
  std::string properties;
  std::string required;
  for (const Field& field : fields.list) {
    if (field.need == Field::Need::kUnavailable) continue;
    std::string doc = field.doc;
    if (!field.fallback.empty()) doc += " (default: " + field.fallback + ")";
    properties +=
        fmt::format("{}{}:{{\"description\":{},\"allOf\":[{}]}}", properties.empty() ? "" : ",",
                    json_quoted(field.name), json_quoted(doc), field.schema);
    if (field.need == Field::Need::kRequired) {
      required += (required.empty() ? "" : ",") + json_quoted(field.name);
    }
  }
  std::string groups;
  for (const std::vector<std::string>& group : fields.exactly_one) {
    std::string choices;
    for (const std::string& name : group) {
      const Field* field = find_field(fields, name);
      if (field == nullptr || field->need == Field::Need::kUnavailable) continue;
      choices +=
          fmt::format("{}{{\"required\":[{}]}}", choices.empty() ? "" : ",", json_quoted(name));
    }
    groups += fmt::format("{}{{\"oneOf\":[{}]}}", groups.empty() ? "" : ",", choices);
  }
  return fmt::format(
      "{{\"title\":{},\"type\":\"object\",\"additionalProperties\":false,"
      "\"properties\":{{{}}}{}{}}}",
      json_quoted(fields.what), properties,
      required.empty() ? "" : fmt::format(",\"required\":[{}]", required),
      groups.empty() ? "" : fmt::format(",\"allOf\":[{}]", groups));
}

bool is_name(std::string_view text) noexcept {
  const auto is_inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= kNameMax && text[0] != '.' && text[0] != '-' &&
         std::ranges::all_of(text, is_inside);
}

std::string not_a_name(std::string_view text) {
  return fmt::format("'{}' is no name: letters, digits, '_', '.' and '-', at most {}",
                     text.substr(0, kShownMax), kNameMax);
}

void check_names(const Node& map, Reading& reading) {
  for (const Member& member : map.members) {
    if (is_name(member.key)) continue;
    reading.within(member.key, [&] { reading.error("GW001", member.at, not_a_name(member.key)); });
  }
}

std::string_view meant(std::string_view word, const std::vector<std::string>& words) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (const std::string& candidate : words) {
    if (std::ranges::equal(word, candidate, {}, lower, lower)) return candidate;
  }
  return nearest_word(word, words);
}

std::string json_quoted(std::string_view text) { return nlohmann::json(text).dump(); }

bool is_list(const Node& node, Reading& reading, std::size_t size_min) {
  if (node.kind != Node::Kind::kList) {
    reading.expected(node, "a list");
    return false;
  }
  if (node.items.size() < size_min) {
    reading.error("GW001", node.at, fmt::format("expected at least {} here", size_min));
    return false;
  }
  return true;
}

bool is_map(const Node& node, Reading& reading, std::string_view what) {
  if (node.kind == Node::Kind::kMap) return true;
  reading.expected(node, what);
  return false;
}

std::string list_schema(const std::string& item, std::size_t size_min) {
  return fmt::format("{{\"type\":\"array\",\"minItems\":{},\"items\":{}}}", size_min, item);
}

std::string map_schema(const std::string& value) {
  return fmt::format("{{\"type\":\"object\",\"additionalProperties\":{}}}", value);
}

}  // namespace headgate::config
