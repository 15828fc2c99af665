#include "headgate/config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

// The written forms as regular expressions, for the schema; the parsers of core/text.hpp decide.
#define HG_DECIMAL "[0-9]+(\\\\.[0-9]+)?"
#define HG_DURATION "(" HG_DECIMAL "(d|h|m|s|ms|us|ns))+"

struct Definition {
  std::string_view name;
  std::string_view schema;
};

constexpr std::array kDefinitions = std::to_array<Definition>({
    {"duration",
     R"({"type":"string","pattern":"^)" HG_DURATION R"($","examples":["10ms","1h30m"]})"},
    {"rate",
     R"({"type":"string","pattern":"^)" HG_DECIMAL R"([kMG]?/(s|m|min|h|hour|d|day|)" HG_DURATION
     R"()$","examples":["100/s","2.5/s","1M/day"]})"},
    {"bytes", R"({"type":"string","pattern":"^)" HG_DECIMAL
              R"(([kKMGT]?B|[KMGT]iB)$","examples":["16KiB","10MB"]})"},
    {"share",
     R"({"anyOf":[{"type":"number","minimum":0,"maximum":1},{"type":"string","pattern":"^)" HG_DECIMAL
     R"(%?$"}],"examples":["5%",0.05]})"},
    {"count", R"({"anyOf":[{"type":"integer","minimum":0},{"type":"string","pattern":"^)" HG_DECIMAL
              R"([kMG]?$"}],"examples":[2000000,"2M"]})"},
    {"text", R"({"type":"string","minLength":1})"},
});

#undef HG_DECIMAL
#undef HG_DURATION

std::string reference(std::string_view name) {
  return fmt::format("{{\"$ref\":\"#/definitions/{}\"}}", name);
}

/// A scalar that `parse` understands; what it is called when something else stands there.
template <class Parse>
auto scalar(Parse parse, const std::string& what, std::string schema) {
  using T = typename std::invoke_result_t<Parse, std::string_view>::value_type;
  return Form<T>{[parse, what](const Node& node, Reading& reading) -> std::optional<T> {
                   if (node.kind != Node::Kind::kScalar || node.text.empty()) {
                     reading.expected(node, what);
                     return std::nullopt;
                   }
                   Result<T> value = parse(node.text);
                   if (value) return std::move(*value);
                   reading.error("GW001", node.at,
                                 fmt::format("'{}' {}", node.text, value.error().why));
                   return std::nullopt;
                 },
                 std::move(schema)};
}

bool is_only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// Whether some YAML reader takes `text`, in lower case, for a number or a date.
bool is_number_to_some(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  const std::string_view bare = text.substr(std::min(text.find_first_not_of("+-"), text.size()));
  if (bare.empty() || !kDigits.contains(bare[0])) return false;
  if (parse_number(bare)) return true;
  const std::string_view prefix = bare.substr(0, 2);
  if (prefix == "0x" || prefix == "0o" || prefix == "0b") {
    return is_only(bare.substr(2), "0123456789abcdef_");
  }
  // 1_000; 1:30, which YAML 1.1 reads in base 60; 2026-11-20.
  return is_only(bare, "0123456789_") || (is_only(bare, "0123456789:") && bare.contains(':')) ||
         (is_only(bare, "0123456789-") && std::ranges::count(bare, '-') == 2);
}

/// Whether YAML 1.1, YAML 1.2 and JSON readers do not agree that the bare scalar `text` is a text.
bool is_ambiguous(std::string_view text) {
  constexpr std::array<std::string_view, 10> kWords{"yes", "no",    "on",   "off", "y",
                                                    "n",   "false", "true", "~",   "null"};
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return std::ranges::find(kWords, lower) != kWords.end() || is_number_to_some(lower);
}

}  // namespace

Form<std::string> any_text() {
  return {[](const Node& node, Reading& reading) -> std::optional<std::string> {
            if (node.kind == Node::Kind::kScalar && !node.text.empty()) return node.text;
            reading.expected(node, "a text");
            return std::nullopt;
          },
          reference("text")};
}

Form<std::string> text() {
  return {
      [read = any_text().read](const Node& node, Reading& reading) {
        auto written = read(node, reading);
        if (written && !node.quoted && is_ambiguous(*written)) {
          reading.warning(
              "GW006", node.at,
              fmt::format("without quotes, not every YAML reader takes {} for a text", *written),
              fmt::format("write \"{}\"", *written));
        }
        return written;
      },
      reference("text")};
}

Form<std::string> name() {
  auto form = checked(text(), [](std::string&& written) -> Result<std::string> {
    if (is_name(written)) return std::move(written);
    return failed(Errc::kInvalidArgument, {}, not_a_name(written));
  });
  form.schema = R"({"type":"string","pattern":"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$"})";
  return form;
}

Form<bool> boolean() {
  const auto parse = [](std::string_view written) -> Result<bool> {
    if (written == "true") return true;
    if (written == "false") return false;
    return failed(Errc::kInvalidArgument, {}, "is neither true nor false");
  };
  return scalar(parse, "true or false", R"({"type":"boolean"})");
}

Form<std::string> word(std::vector<std::string> words, std::vector<std::string> to_come) {
  std::string list;
  for (const std::string& each : words) list += (list.empty() ? "" : ",") + json_quoted(each);
  return {[words = std::move(words), to_come = std::move(to_come)](
              const Node& node, Reading& reading) -> std::optional<std::string> {
            const std::string there_are = fmt::format("there are: {}", fmt::join(words, ", "));
            if (node.kind != Node::Kind::kScalar || node.text.empty()) {
              reading.expected(node, "a word; " + there_are);
            } else if (std::ranges::find(words, node.text) != words.end()) {
              return node.text;
            } else if (std::ranges::find(to_come, node.text) != to_come.end()) {
              reading.error("GW007", node.at,
                            fmt::format("'{}' is not available in this version", node.text),
                            there_are);
            } else {
              const std::string_view near = meant(node.text, words);
              reading.error("GW001", node.at, fmt::format("'{}' is unknown here", node.text),
                            near.empty() ? there_are : fmt::format("did you mean '{}'?", near));
            }
            return std::nullopt;
          },
          fmt::format("{{\"enum\":[{}]}}", list)};
}

Form<std::int64_t> whole(std::int64_t min, std::int64_t max) {
  const auto parse = [min, max](std::string_view written) -> Result<std::int64_t> {
    const Result<std::int64_t> value = parse_count(written);
    if (!value || (*value >= min && *value <= max)) return value;
    return failed(Errc::kInvalidArgument, {}, fmt::format("is not {} to {}", min, max));
  };
  // The bounds stand in the schema for plain integers; `2M` is for the pattern.
  const std::string bounds = fmt::format("{{\"allOf\":[{},{{\"minimum\":{},\"maximum\":{}}}]}}",
                                         reference("count"), min, max);
  return scalar(parse, "a whole number such as 20, 20k or 2M", bounds);
}

Form<double> number(double min, double max) {
  const auto parse = [min, max](std::string_view written) -> Result<double> {
    const Result<double> value = parse_number(written);
    if (!value || (*value >= min && *value <= max)) return value;
    return failed(Errc::kInvalidArgument, {}, fmt::format("is not {} to {}", min, max));
  };
  return scalar(parse, "a number such as 0.25",
                fmt::format("{{\"type\":\"number\",\"minimum\":{},\"maximum\":{}}}", min, max));
}

Form<Duration> duration() {
  return scalar(parse_duration, "a duration such as 10ms", reference("duration"));
}

Form<Duration> positive_duration() {
  const auto parse = [](std::string_view written) -> Result<Duration> {
    const Result<Duration> value = parse_duration(written);
    if (!value || *value > Duration::zero()) return value;
    return failed(Errc::kInvalidArgument, {}, "must be more than zero");
  };
  return scalar(parse, "a duration such as 10ms", reference("duration"));
}

Form<Rate> rate() {
  const auto parse = [](std::string_view written) -> Result<Rate> {
    const Result<Rate> value = parse_rate(written);
    if (!value || value->count > 0) return value;
    return failed(Errc::kInvalidArgument, {}, "must be more than zero");
  };
  return scalar(parse, "a rate such as 100/s", reference("rate"));
}

Form<Rate> rate_or_zero() { return scalar(parse_rate, "a rate such as 100/s", reference("rate")); }

Form<Bytes> bytes() { return scalar(parse_bytes, "a size such as 16KiB", reference("bytes")); }

Form<Share> share() { return scalar(parse_share, "a share such as 5%", reference("share")); }

Form<stats::Expectation> expectation() {
  const auto parsed = checked(any_text(), [](const std::string& written) {
    Result<stats::Expectation> result = stats::parse_expectation(written);
    if (!result) result.error().why = fmt::format("'{}' {}", written, result.error().why);
    return result;
  });
  const auto place = [](stats::Expectation& object) -> stats::Expectation& { return object; };
  auto with_reason =
      Object<stats::Expectation>("an expectation")
          .required("expect", place, parsed, "such as \"response_time.p99 < 20ms\"")
          .optional("why", &stats::Expectation::why, text(), "where the figure comes from")
          .form();
  return scalar_or(parsed, with_reason);
}

std::string document_schema(std::string_view title, const std::string& schema) {
  auto document = nlohmann::ordered_json::object();
  document["$schema"] = "http://json-schema.org/draft-07/schema#";
  document["title"] = title;
  const auto body = nlohmann::ordered_json::parse(schema);
  for (const auto& [key, value] : body.items()) {
    if (key != "title") document[key] = value;
  }
  for (const Definition& definition : kDefinitions) {
    document["definitions"][std::string{definition.name}] =
        nlohmann::ordered_json::parse(definition.schema);
  }
  document["definitions"]["distribution"] = nlohmann::ordered_json::parse(distribution_schema());
  return document.dump(2);
}

}  // namespace headgate::config
