#include "headgate/load/answer_check.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "headgate/http/fields.hpp"

namespace headgate::load {
namespace {

const std::string* field_of(const KeptAnswer& kept, std::string_view name) {
  const auto found = std::ranges::find_if(kept.fields, [name](const auto& field) {
    return http::equal_ignoring_case(field.first, name);
  });
  return found == kept.fields.end() ? nullptr : &found->second;
}

const nlohmann::json* value_at(const nlohmann::json& json, const std::string& pointer) {
  const nlohmann::json::json_pointer at{pointer};
  return json.contains(at) ? &json.at(at) : nullptr;
}

/// A scalar as it stands in a request: a string without its quotes.
std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool can_stand_in_head(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 127; });
}

}  // namespace

class AnswerCheck::Schema {
 public:
  explicit Schema(const std::string& text) {
    const nlohmann::json json = nlohmann::json::parse(text);
    valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{json}, schema_);
  }
  [[nodiscard]] bool holds(const nlohmann::json& json) const {
    valijson::Validator validator;
    return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter{json}, nullptr);
  }

 private:
  valijson::Schema schema_;
};

void KeptAnswer::clear() noexcept {
  fields.clear();
  body.clear();
  whole = true;
}

void KeptAnswer::add_body(std::string_view piece) {
  const std::size_t room = kKeptMax - body.size();
  whole = whole && piece.size() <= room;
  body.append(piece.substr(0, room));
}

Result<AnswerCheck> AnswerCheck::make(const config::AnswerRules& rules,
                                      const std::vector<config::Capture>& captures,
                                      const std::vector<std::string>& names) {
  AnswerCheck check;
  check.rules_ = rules;
  check.captures_ = captures;
  check.needs_answer_ = !rules.headers.empty() || !rules.body.empty() || !rules.json.empty() ||
                        !rules.schema.empty() || !captures.empty();
  for (const config::Capture& capture : captures) {
    check.places_.push_back(
        static_cast<std::size_t>(std::ranges::find(names, capture.name) - names.begin()));
  }
  if (rules.schema.empty()) return check;
  try {
    check.schema_ = std::make_shared<const Schema>(rules.schema);
  } catch (const std::exception& error) {
    return failed(Errc::kInvalidArgument, "check.schema",
                  std::string{"is no JSON Schema of draft 7: "} + error.what());
  }
  return check;
}

std::optional<Failure> AnswerCheck::examine(int status, const KeptAnswer& kept) const {
  const bool known = rules_.statuses.empty()
                         ? status >= 200 && status < 400
                         : std::ranges::find(rules_.statuses, status) != rules_.statuses.end();
  if (!known) return Failure::kCheckStatus;
  for (const auto& [name, text] : rules_.headers) {
    const std::string* const value = field_of(kept, name);
    if (value == nullptr || !value->contains(text)) return Failure::kCheckHeader;
  }
  const bool body_matters = !rules_.body.empty() || !rules_.json.empty() || schema_ != nullptr;
  if (body_matters && (!kept.whole || !kept.body.contains(rules_.body))) return Failure::kCheckBody;
  if (rules_.json.empty() && schema_ == nullptr) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(kept.body, nullptr, false);
  for (const auto& [pointer, text] : rules_.json) {
    const nlohmann::json* const value = json.is_discarded() ? nullptr : value_at(json, pointer);
    if (value == nullptr || *value != nlohmann::json::parse(text)) return Failure::kCheckJson;
  }
  if (schema_ != nullptr && (json.is_discarded() || !schema_->holds(json))) {
    return Failure::kCheckSchema;
  }
  return std::nullopt;
}

bool AnswerCheck::capture(const KeptAnswer& kept, std::vector<std::string>& values) const {
  if (captures_.empty()) return true;
  const nlohmann::json json = nlohmann::json::parse(kept.body, nullptr, false);
  std::vector<std::string> found;
  for (const config::Capture& capture : captures_) {
    if (capture.from == config::Capture::From::kHeader) {
      const std::string* const value = field_of(kept, capture.key);
      if (value == nullptr) return false;
      found.push_back(*value);
    } else {
      const nlohmann::json* const value =
          json.is_discarded() ? nullptr : value_at(json, capture.key);
      if (value == nullptr || value->is_structured()) return false;
      found.push_back(text_of(*value));
    }
    if (!can_stand_in_head(found.back())) return false;
  }
  for (std::size_t i = 0; i < found.size(); ++i) values[places_[i]] = std::move(found[i]);
  return true;
}

}  // namespace headgate::load
