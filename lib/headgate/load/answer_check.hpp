// What is done with the answers whose fields and body matter: held against what the plan demands,
// and searched for what later requests of the same client use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/config/answer_rules.hpp"
#include "headgate/core/result.hpp"
#include "headgate/load/outcome.hpp"

namespace headgate::load {

/// Of a body, what is kept at most; a check of a longer one fails.
inline constexpr std::size_t kKeptMax = std::size_t{1} << 20;

/// An answer as it came in.
struct KeptAnswer {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;   ///< at most kKeptMax
  bool whole = true;  ///< the body was no longer than that

  void clear() noexcept;
  void add_field(std::string_view name, std::string_view value) {
    fields.emplace_back(name, value);
  }
  void add_body(std::string_view piece);
};

/// The rules of one request, made ready. Copies share what is large.
class AnswerCheck {
 public:
  /// `names` are those of everything that the plan captures. Fails with kInvalidArgument for a JSON
  /// Schema that is none.
  [[nodiscard]] static Result<AnswerCheck> make(const config::AnswerRules& rules,
                                                const std::vector<config::Capture>& captures,
                                                const std::vector<std::string>& names);

  /// Nothing is asked of an answer but its status.
  [[nodiscard]] bool needs_answer() const noexcept { return needs_answer_; }
  /// Nothing is asked at all: outcomes are by the usual rules.
  [[nodiscard]] bool empty() const noexcept { return !needs_answer_ && rules_.statuses.empty(); }
  /// Why the answer is not what was demanded, or nothing: then it counts as ok. A refusal (see
  /// `classify`) whose status is not demanded stays a refusal: nothing is said of it.
  [[nodiscard]] std::optional<Failure> examine(int status, const KeptAnswer& kept) const;
  /// Puts what is captured into `values`, by index of its name. Nothing changes if something is
  /// missing, or cannot stand in a request's head: has a line end, say.
  [[nodiscard]] bool capture(const KeptAnswer& kept, std::vector<std::string>& values) const;

 private:
  class Schema;

  config::AnswerRules rules_;
  std::vector<config::Capture> captures_;
  std::vector<std::size_t> places_;  // of each capture: index of its name
  std::shared_ptr<const Schema> schema_;
  bool needs_answer_ = false;
};

}  // namespace headgate::load
