// An event in the form that others understand: CloudEvents 1.0, and its JSON encoding.
//
// Source: CloudEvents specification 1.0.2 (context attributes, section 3) and its JSON event format
// 1.0.2 (structured mode; data as JSON, text or base64, section 3.1).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/messaging/record.hpp"

namespace headgate::bus {

/// The JSON types that an extension attribute can have: Boolean, Integer (32 bits) or String.
using Attribute = std::variant<bool, std::int32_t, std::string>;

struct Event {
  std::string id;                      ///< not empty; `source` and `id` together name one event
  std::string source;                  ///< not empty; a URI reference: "/gateway/routes/orders"
  std::string type;                    ///< not empty: "headgate.request.answered"
  std::optional<std::string> subject;  ///< not empty if given
  std::optional<Duration> time;        ///< since 1970-01-01T00:00:00Z
  std::optional<std::string> datacontenttype;  ///< none means application/json
  std::optional<std::string> dataschema;       ///< an absolute URI
  /// The payload, as bytes of `datacontenttype`. For a JSON type: one JSON text, UTF-8.
  std::optional<std::string> data;
  /// Names are 1 or more of a-z and 0-9, and none of the names above.
  std::map<std::string, Attribute, std::less<>> extensions;

  friend bool operator==(const Event&, const Event&) = default;
};

/// Whether `media_type` (parameters ignored) is JSON: `*/json`, `*/*+json`, or none given.
[[nodiscard]] bool is_json(const std::optional<std::string>& media_type) noexcept;

/// One line of JSON. Data of a JSON type is embedded, other UTF-8 text becomes a string, other
/// bytes become data_base64. Fails with kInvalidArgument, naming the attribute in `where`, if the
/// event is not a valid one.
[[nodiscard]] Result<std::string> encode(const Event& event);

/// The event in `json`. Strict: fails with kInvalidArgument, with the attribute's JSON pointer in
/// `where`, if a required attribute is missing or empty, an attribute has the wrong type or form,
/// a name is not one, `data` and `data_base64` are both there, specversion is not 1.0, or a name
/// repeats. Embedded JSON data comes back in compact form.
[[nodiscard]] Result<Event> decode(std::string_view json);

/// The record that carries the event: value = encode(event), key = the extension `partitionkey` if
/// there is one, header content-type = application/cloudevents+json, timestamp = its time.
/// Source: CloudEvents Kafka binding 1.0.2, section 3.3 (structured content mode).
[[nodiscard]] Result<messaging::Record> to_record(const Event& event);

/// The way back; for records that no one wrapped, see tail in tools/gwctl.
[[nodiscard]] Result<Event> from_record(const messaging::Record& record);

}  // namespace headgate::bus
