#include "headgate/bus/event.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "headgate/bus/encoding.hpp"
#include "headgate/core/rfc3339.hpp"

namespace headgate::bus {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kContentType = "application/cloudevents+json";
constexpr std::array<std::string_view, 10> kCoreNames{
    "specversion", "id",         "source", "type",        "subject",
    "time",        "dataschema", "data",   "data_base64", "datacontenttype"};

std::unexpected<Error> wrong(std::string_view attribute, std::string why) {
  std::string pointer{attribute.empty() ? "" : "/"};
  return failed(Errc::kInvalidArgument, pointer.append(attribute), std::move(why));
}

bool is_extension_name(std::string_view name) noexcept {
  const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && std::ranges::all_of(name, is_good) &&
         std::ranges::find(kCoreNames, name) == kCoreNames.end();
}

/// scheme ":" …, RFC 3986 section 3.1.
bool is_absolute_uri(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::ranges::all_of(text.substr(0, colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
}

bool is_media_type(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash != 0 && slash + 1 < text.size();
}

Result<void> check_text(std::string_view attribute, std::string_view text) {
  if (text.empty()) return wrong(attribute, "must not be empty");
  if (!is_attribute_text(text)) {
    return wrong(attribute, "must be UTF-8 text without control characters");
  }
  return {};
}

Result<void> check_uri(std::string_view attribute, std::string_view text) {
  if (const auto good = check_text(attribute, text); !good) return good;
  if (text.find_first_of(" \"<>\\^`{|}") != std::string_view::npos) {
    return wrong(attribute, "must be a URI reference");
  }
  return {};
}

Result<void> check_extensions(const Event& event) {
  for (const auto& [name, value] : event.extensions) {
    if (!is_extension_name(name)) {
      return wrong(name, "an extension's name is made of a-z and 0-9, and is not taken");
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && !is_attribute_text(*text)) {
      return wrong(name, "must be UTF-8 text without control characters");
    }
  }
  return {};
}

/// The rules for attributes, the same for events that go out and that come in.
Result<void> check_attributes(const Event& event) {
  if (auto good = check_text("id", event.id); !good) return good;
  if (auto good = check_uri("source", event.source); !good) return good;
  if (auto good = check_text("type", event.type); !good) return good;
  if (event.subject) {
    if (auto good = check_text("subject", *event.subject); !good) return good;
  }
  if (event.datacontenttype) {
    if (auto good = check_text("datacontenttype", *event.datacontenttype); !good) return good;
    if (!is_media_type(*event.datacontenttype)) {
      return wrong("datacontenttype", "must be a media type such as application/json");
    }
  }
  if (event.dataschema) {
    if (auto good = check_uri("dataschema", *event.dataschema); !good) return good;
    if (!is_absolute_uri(*event.dataschema)) return wrong("dataschema", "must be an absolute URI");
  }
  return check_extensions(event);
}

// --- writing

/// Attribute texts hold no control characters, so only these two need an escape.
void put_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void put_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  put_text(out, text);
}

void put_extension(std::string& out, std::string_view name, const Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return put_member(out, name, *text);
  out.append(",\"").append(name).append("\":");
  if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else {
    out += std::to_string(std::get<std::int32_t>(value));
  }
}

Result<void> put_data(std::string& out, const Event& event) {
  if (!event.data) return {};
  if (is_json(event.datacontenttype)) {
    if (!Json::accept(*event.data)) return wrong("data", "must be one JSON text");
    out.append(",\"data\":").append(compact_json(*event.data));
  } else if (is_utf8(*event.data)) {
    out.append(",\"data\":").append(Json(*event.data).dump());
  } else {
    out.append(",\"data_base64\":\"").append(to_base64(*event.data)).append("\"");
  }
  return {};
}

// --- reading

/// The tree of `text`, or why there is none. Deep nesting is refused here: what is done with the
/// tree may recurse.
Result<Json> parse_object(std::string_view text) {
  constexpr int kDeepest = 64;
  bool too_deep = false;
  std::set<std::string, std::less<>> names;
  std::string repeated;
  const auto watch = [&](int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > kDeepest) too_deep = true;
    if (depth == 1 && event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names.insert(name).second) repeated = name;
    }
    return !too_deep;
  };
  Json tree = Json::parse(text, watch, false);
  if (too_deep) return wrong("", "is nested more than 64 deep");
  if (tree.is_discarded()) return wrong("", "is not a JSON text");
  if (!tree.is_object()) return wrong("", "must be a JSON object");
  if (!repeated.empty()) return wrong(repeated, "stands there twice");
  return tree;
}

/// Members one by one; what take() has seen is no extension.
class Members {
 public:
  explicit Members(const Json& tree) : tree_(tree) {}

  /// The text of an optional member; null counts as unset (JSON format, section 2.2).
  Result<std::optional<std::string>> take(std::string_view name) const {
    const auto found = tree_.find(name);
    if (found == tree_.end() || found->is_null()) return std::nullopt;
    if (!found->is_string()) return wrong(name, "must be a string");
    return found->get<std::string>();
  }
  Result<std::string> require(std::string_view name) const {
    auto taken = take(name);
    if (!taken) return std::unexpected(taken.error());
    std::optional<std::string>& text = *taken;
    if (!text) return wrong(name, "is required");
    return std::move(*text);
  }

 private:
  const Json& tree_;
};

Result<void> take_texts(const Members& members, Event& event) {
  for (const auto& [name, into] : {std::pair{"id", &event.id}, std::pair{"source", &event.source},
                                   std::pair{"type", &event.type}}) {
    auto text = members.require(name);
    if (!text) return std::unexpected(text.error());
    *into = std::move(*text);
  }
  for (const auto& [name, into] :
       {std::pair{"subject", &event.subject}, std::pair{"datacontenttype", &event.datacontenttype},
        std::pair{"dataschema", &event.dataschema}}) {
    auto text = members.take(name);
    if (!text) return std::unexpected(text.error());
    *into = std::move(*text);
  }
  const auto taken = members.take("time");
  if (!taken) return std::unexpected(taken.error());
  if (const std::optional<std::string>& time = *taken; time.has_value()) {
    const auto parsed = parse_rfc3339(*time);
    if (!parsed) return wrong("time", parsed.error().why);
    event.time = *parsed;
  }
  return {};
}

Result<void> take_extensions(const Json& tree, Event& event) {
  for (const auto& [name, value] : tree.items()) {
    if (value.is_null() || std::ranges::find(kCoreNames, name) != kCoreNames.end()) continue;
    if (value.is_boolean()) {
      event.extensions[name] = value.get<bool>();
    } else if (value.is_string()) {
      event.extensions[name] = value.get<std::string>();
    } else if (value.is_number_integer() && value >= INT32_MIN && value <= INT32_MAX) {
      event.extensions[name] = value.get<std::int32_t>();
    } else {
      return wrong(name, "must be a string, true, false or a 32-bit integer");
    }
  }
  return {};
}

Result<void> take_data(const Json& tree, std::string_view text, Event& event) {
  const auto data = tree.find("data");
  const auto base64 = tree.find("data_base64");
  if (data != tree.end() && base64 != tree.end()) {
    return wrong("data_base64", "excludes data");
  }
  if (base64 != tree.end() && !base64->is_null()) {
    if (!base64->is_string()) return wrong("data_base64", "must be a string");
    event.data = from_base64(base64->get_ref<const std::string&>());
    if (!event.data) return wrong("data_base64", "is not base64");
  }
  if (data == tree.end()) return {};
  if (is_json(event.datacontenttype)) {
    event.data = compact_json(json_member(text, "data"));
  } else if (data->is_string()) {
    event.data = data->get<std::string>();
  } else {
    return wrong("data", "must be a string, because datacontenttype is not JSON");
  }
  return {};
}

}  // namespace

bool is_json(const std::optional<std::string>& media_type) noexcept {
  if (!media_type) return true;
  std::string_view type{*media_type};
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::string_view kJson = "json";
  if (type.size() <= kJson.size()) return false;
  const char before = type[type.size() - kJson.size() - 1];
  const bool named = std::ranges::equal(
      type.substr(type.size() - kJson.size()), kJson,
      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
  return named && (before == '/' || before == '+');
}

Result<std::string> encode(const Event& event) {
  if (const auto good = check_attributes(event); !good) return std::unexpected(good.error());
  std::string out;
  out.reserve(256 + (event.data ? event.data->size() : 0));
  out += R"({"specversion":"1.0")";
  put_member(out, "id", event.id);
  put_member(out, "source", event.source);
  put_member(out, "type", event.type);
  if (event.subject) put_member(out, "subject", *event.subject);
  if (event.time) put_member(out, "time", to_rfc3339(*event.time));
  if (event.datacontenttype) put_member(out, "datacontenttype", *event.datacontenttype);
  if (event.dataschema) put_member(out, "dataschema", *event.dataschema);
  for (const auto& [name, value] : event.extensions) put_extension(out, name, value);
  if (const auto good = put_data(out, event); !good) return std::unexpected(good.error());
  out += '}';
  return out;
}

Result<Event> decode(std::string_view json) {
  const auto tree = parse_object(json);
  if (!tree) return std::unexpected(tree.error());
  const Members members{*tree};
  const auto version = members.require("specversion");
  if (!version) return std::unexpected(version.error());
  if (*version != "1.0") return wrong("specversion", "must be 1.0");
  Event event;
  if (const auto good = take_texts(members, event); !good) return std::unexpected(good.error());
  if (const auto good = take_extensions(*tree, event); !good) {
    return std::unexpected(good.error());
  }
  if (const auto good = check_attributes(event); !good) return std::unexpected(good.error());
  if (const auto good = take_data(*tree, json, event); !good) return std::unexpected(good.error());
  return event;
}

Result<messaging::Record> to_record(const Event& event) {
  auto json = encode(event);
  if (!json) return std::unexpected(json.error());
  messaging::Record record;
  record.value = std::move(*json);
  record.headers.emplace_back("content-type", kContentType);
  record.timestamp = event.time.value_or(Duration{});
  const auto key = event.extensions.find("partitionkey");
  if (key != event.extensions.end()) {
    if (const auto* text = std::get_if<std::string>(&key->second)) record.key = *text;
  }
  return record;
}

Result<Event> from_record(const messaging::Record& record) { return decode(record.value); }

}  // namespace headgate::bus
