#include "headgate/config/answer_rules.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "headgate/config/recorded.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

using Json = nlohmann::json;

Result<std::string> checked_pointer(std::string&& text) {
  try {
    static_cast<void>(Json::json_pointer{text});
    return std::move(text);
  } catch (const Json::exception&) {
    return failed(Errc::kInvalidArgument, {},
                  fmt::format("'{}' is no JSON pointer: it is written /items/0/id", text));
  }
}

/// A scalar as JSON: what reads as JSON is that, other text is a string.
std::string json_of(const std::string& text) {
  const Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() || value.is_structured() ? Json(text).dump() : value.dump();
}

Form<std::vector<std::pair<std::string, std::string>>> json_values() {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  return checked(map_of(any_text()), [](Pairs&& written) -> Result<Pairs> {
    for (auto& [pointer, value] : written) {
      auto good = checked_pointer(std::string{pointer});
      if (!good) return std::unexpected(good.error());
      value = json_of(value);
    }
    return std::move(written);
  });
}

Form<std::string> json_schema() {
  return recorded<std::string>([](std::string_view text) -> Result<std::string> {
    if (Json::parse(text, nullptr, false).is_object()) return std::string{text};
    return failed(Errc::kInvalidArgument, "", "is no JSON Schema: it must be a JSON object");
  });
}

}  // namespace

Form<AnswerRules> answer_rules() {
  const auto status = checked(
      whole(100, 599), [](std::int64_t number) { return Result<int>{static_cast<int>(number)}; });
  return Object<AnswerRules>("a check", "{status: [200]}")
      .optional("status", &AnswerRules::statuses, list_of(status, 1), "it is one of these",
                "[any of 2xx and 3xx]")
      .optional("headers", &AnswerRules::headers, map_of(any_text()),
                "fields that are there, with this text in their value")
      .optional("body", &AnswerRules::body, any_text(), "text that is in the body")
      .optional("json", &AnswerRules::json, json_values(),
                "JSON pointers into the body, and the values there")
      .optional("schema", &AnswerRules::schema, json_schema(),
                "file with the JSON Schema (draft 7) of the body")
      .form();
}

Form<std::vector<Capture>> captures() {
  auto from = OneOf<Capture>("what is captured", "{json: /access_token}");
  from.option("json",
              checked(checked(any_text(), checked_pointer),
                      [](std::string&& key) {
                        return Result<Capture>{
                            {.name = {}, .from = Capture::From::kJson, .key = std::move(key)}};
                      }),
              "a JSON pointer into the body");
  from.option("header",
              checked(any_text(),
                      [](std::string&& key) {
                        return Result<Capture>{
                            {.name = {}, .from = Capture::From::kHeader, .key = std::move(key)}};
                      }),
              "the name of a field");
  return by_name(from.form());
}

}  // namespace headgate::config
