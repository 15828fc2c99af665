// What a diagnostic's id means: one list for `gwctl lint --rules`, the fixtures of the tests and
// the reader of a report. The numbers are stable: one that is given up is not used again.
#pragma once

#include <span>
#include <string_view>

#include "headgate/config/diagnostic.hpp"
#include "headgate/config/form.hpp"
#include "headgate/config/gateway_config.hpp"

namespace headgate::config::lint {

struct Rule {
  std::string_view id;
  Severity severity = Severity::kError;
  std::string_view doc;  ///< one clause
};

/// In the order of their ids.
[[nodiscard]] std::span<const Rule> rules() noexcept;

/// The config under the rules, with the tree that knows where everything stands.
class Subject {
 public:
  /// `found` is what reading has reported so far and `reading` reports to; both outlive the
  /// subject.
  Subject(const GatewayConfig& config, const Node& root, const std::vector<Diagnostic>& found,
          Reading& reading) noexcept
      : config_(config), root_(root), found_(found), reading_(reading) {}

  [[nodiscard]] const GatewayConfig& config() const noexcept { return config_; }
  /// Reports `id` (with the severity of its rule) at `path`, relative to the config's root.
  void report(std::string_view id, std::string_view path, std::string message,
              std::string hint = {});
  /// The file has something at `path`, readable or not.
  [[nodiscard]] bool is_written(std::string_view path) const noexcept {
    return find_path(root_, path) != nullptr;
  }
  /// No error was reported at `path` or below, so the model says there what the file says.
  [[nodiscard]] bool is_sound(std::string_view path) const;

 private:
  const GatewayConfig& config_;
  const Node& root_;
  const std::vector<Diagnostic>& found_;
  Reading& reading_;
};

// The rules on the typed model, by what they look at. Each may be called alone.
void check_names(Subject& subject);       ///< GW002
void check_references(Subject& subject);  ///< GW003, GW004
void check_addresses(Subject& subject);   ///< GW009, GW010, GW216, GW411, GW412
void check_routes(Subject& subject);      ///< GW008, GW101, GW102, GW103
void check_limits(Subject& subject);      ///< GW402, GW404, GW408

}  // namespace headgate::config::lint
