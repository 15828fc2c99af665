// The names of distributions and arrivals with their options: the one table that documents, flags,
// schemas, help and errors read. What is not here does not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/schedule.hpp"
#include "headgate/core/result.hpp"

namespace headgate::arrival {

/// What the text of an option is parsed as.
enum class ValueKind { kDuration, kNumber, kRate, kCount, kDistribution, kFile };

/// How the value after the name is written.
enum class Form {
  kScalar,  ///< {exponential: 10ms}          exponential:10ms
  kList,    ///< {uniform: [5ms, 15ms]}       uniform:5ms,15ms or uniform:5ms..15ms
  kMap,     ///< {lognormal: {mean, cv}}      lognormal:mean=10ms,cv=2
  kParts,   ///< {mix: [[90%, {…}], …]}       no flag form
  kFile,    ///< {samples: file.csv}          samples:file.csv — read by an edge, then empirical()
};

struct Option {
  std::string_view name;
  ValueKind kind;
  std::string_view doc;
  /// Options of one alternative belong together and exclude the others; 0 belongs to all of them.
  int alternative = 0;
  bool required = true;
};

struct Entry {
  std::string_view name;
  Form form;
  std::span<const Option> options;  ///< kScalar: one; kList: in order; kMap: by name
  std::string_view doc;             ///< one clause
  std::string_view example;         ///< as a flag where it has a flag form, else as YAML
};

[[nodiscard]] std::span<const Entry> distribution_catalog() noexcept;
[[nodiscard]] std::span<const Entry> arrivals_catalog() noexcept;

/// `constant:10ms, exponential:10ms, …`: one example of each flag form, for help.
[[nodiscard]] std::string distribution_examples();
/// The names that make_arrivals takes: those with a flag form.
[[nodiscard]] std::vector<std::string> open_arrivals();

/// The entry of `name`, or an error (kInvalidArgument, where = name) with "did you mean" and all
/// names.
[[nodiscard]] Result<Entry> find_distribution(std::string_view name);
[[nodiscard]] Result<Entry> find_arrivals(std::string_view name);

/// One option as written. `name` is empty in the scalar and list forms.
struct Argument {
  std::string name;
  std::string text;
};

/// The distribution `name` from its written options: what a document's tree and a flag both become.
/// Every form also takes its options by name (`{exponential: {mean: 10ms}}`).
/// Fails with kInvalidArgument; `where` is the option's name, or empty if the whole is wrong. Forms
/// kParts and kFile are refused here: build their parts first and use Distribution's factories.
[[nodiscard]] Result<Distribution> make_distribution(std::string_view name,
                                                     std::span<const Argument> arguments);

/// The flag form: `exponential:10ms`, `lognormal:mean=10ms,cv=2`, `uniform:5ms..15ms`, and a bare
/// duration `10ms` for a constant.
[[nodiscard]] Result<Distribution> parse_distribution(std::string_view text);

/// The distribution of a file's text, for the entries of Form::kFile. `samples`: durations, see
/// DurationLines. `histogram`: an .hlog (all rows together, values in ns) or base64 alone.
/// Fails with kInvalidArgument; `where` is the line, such as `line 3`, or `samples`, `histogram`.
[[nodiscard]] Result<Distribution> read_distribution(std::string_view name, std::string_view text);

/// Open arrivals by name (`poisson`, `constant`) at `rate`, above 0 and at most one per nanosecond.
[[nodiscard]] Result<Arrivals> make_arrivals(std::string_view name, Rate rate);

}  // namespace headgate::arrival
