// What a plan says of the answers to a request: what they must be, and what is taken from them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "headgate/config/form.hpp"

namespace headgate::config {

/// A value that later requests of the same client have as `{captured.NAME}`.
struct Capture {
  enum class From : std::uint8_t { kJson, kHeader };
  std::string name;
  From from = From::kJson;
  std::string key;  ///< kJson: a JSON pointer (RFC 6901); kHeader: the name of a field
};

struct AnswerRules {
  std::vector<int> statuses;                                 ///< one of these; empty: 2xx or 3xx
  std::vector<std::pair<std::string, std::string>> headers;  ///< name, and text within its value
  std::string body;                                          ///< text within the body
  std::vector<std::pair<std::string, std::string>> json;     ///< JSON pointer, JSON text
  std::string schema;                                        ///< JSON Schema, draft 7
};

/// `{status: [200], headers: {content-type: json}, body: text, json: {/ok: true}, schema: F}`;
/// without captures.
[[nodiscard]] Form<AnswerRules> answer_rules();
/// `{token: {json: /access_token}, session: {header: x-session}}`
[[nodiscard]] Form<std::vector<Capture>> captures();

}  // namespace headgate::config
