#include "headgate/report/json_part.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace headgate::report {
namespace {

// RFC 6901: `~` and `/` have a meaning in pointers.
std::string pointer_token(std::string_view key) {
  std::string text;
  for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string{c};
  return text;
}

}  // namespace

JsonPart JsonPart::below(const std::string& key, const Json* node) const {
  return {node, pointer_ + "/" + pointer_token(key), fault_};
}

JsonPart JsonPart::operator[](std::string_view key) const {
  const std::string name{key};
  if (has(key)) return below(name, &node_->at(name));
  const JsonPart missing = below(name, nullptr);
  if (node_ != nullptr) missing.blame("is missing");
  return missing;
}

JsonPart JsonPart::at(std::size_t index) const {
  const bool there = node_ != nullptr && node_->is_array() && index < node_->size();
  const JsonPart entry = below(std::to_string(index), there ? &node_->at(index) : nullptr);
  if (node_ != nullptr && !there) entry.blame("is missing");
  return entry;
}

bool JsonPart::is_number() const { return node_ != nullptr && node_->is_number(); }

bool JsonPart::has(std::string_view key) const {
  return node_ != nullptr && node_->is_object() && node_->contains(std::string{key});
}

void JsonPart::each(const std::function<void(const std::string&, const JsonPart&)>& visit) const {
  if (node_ == nullptr) return;
  if (!node_->is_structured()) return blame("must be an object or a list");
  for (const auto& [key, value] : node_->items()) visit(key, below(key, &value));
}

std::uint64_t JsonPart::count() const {
  if (node_ == nullptr) return 0;
  if (node_->is_number_unsigned()) return node_->get<std::uint64_t>();
  blame("must be a whole number of 0 or more");
  return 0;
}

Duration JsonPart::nanoseconds() const {
  if (node_ == nullptr) return {};
  if (node_->is_number_unsigned() && *node_ <= std::uint64_t{INT64_MAX}) {
    return Duration{node_->get<std::int64_t>()};
  }
  blame("must be a whole number of nanoseconds");
  return {};
}

double JsonPart::number() const {
  if (node_ == nullptr) return 0;
  if (node_->is_number()) return node_->get<double>();
  blame("must be a number");
  return 0;
}

bool JsonPart::flag() const {
  if (node_ == nullptr) return false;
  if (node_->is_boolean()) return node_->get<bool>();
  blame("must be true or false");
  return false;
}

std::string JsonPart::text() const {
  if (node_ == nullptr) return {};
  if (node_->is_string()) return node_->get<std::string>();
  blame("must be a text");
  return {};
}

std::vector<std::string> JsonPart::texts() const {
  std::vector<std::string> all;
  each([&all](const std::string&, const JsonPart& part) { all.push_back(part.text()); });
  return all;
}

void JsonPart::blame(std::string why, Errc code) const {
  if (fault_->has_value()) return;
  *fault_ = Error{.code = code, .where = pointer_, .why = std::move(why)};
}

Result<Json> parse_document(std::string_view text, std::string_view format,
                            const std::string& where) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return failed(Errc::kCorrupt, where, "is not JSON");
  const auto found = json.is_object() ? json.find("format") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_string()) {
    return failed(Errc::kCorrupt, where, fmt::format("is not a '{}' document", format));
  }
  const auto said = found->get<std::string>();
  if (said == format) return json;
  const std::string_view family = format.substr(0, format.find('/') + 1);
  if (std::string_view{said}.starts_with(family)) {
    return failed(Errc::kCorrupt, where,
                  fmt::format("is of format '{}'; this version reads '{}'", said, format));
  }
  return failed(Errc::kCorrupt, where, fmt::format("is a '{}' document, not '{}'", said, format));
}

}  // namespace headgate::report
