#include "headgate/arrival/catalog.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::arrival {
namespace {

using enum ValueKind;

constexpr std::array kConstantOptions =
    std::to_array<Option>({{.name = "value", .kind = kDuration, .doc = "how long"}});
constexpr std::array kExponentialOptions =
    std::to_array<Option>({{.name = "mean", .kind = kDuration, .doc = "above 0"}});
constexpr std::array kUniformOptions =
    std::to_array<Option>({{.name = "low", .kind = kDuration, .doc = "the shortest"},
                           {.name = "high", .kind = kDuration, .doc = "the longest"}});
constexpr std::array kLognormalOptions = std::to_array<Option>(
    {{.name = "mean", .kind = kDuration, .doc = "above 0", .alternative = 1},
     {.name = "cv", .kind = kNumber, .doc = "deviation over mean, 0 to 100", .alternative = 1},
     {.name = "p50", .kind = kDuration, .doc = "the median, above 0", .alternative = 2},
     {.name = "p99", .kind = kDuration, .doc = "at least p50", .alternative = 2}});
constexpr std::array kErlangOptions =
    std::to_array<Option>({{.name = "mean", .kind = kDuration, .doc = "above 0"},
                           {.name = "stages", .kind = kCount, .doc = "1 to 1000"}});
constexpr std::array kHyperexponentialOptions = std::to_array<Option>(
    {{.name = "mean", .kind = kDuration, .doc = "above 0"},
     {.name = "cv2", .kind = kNumber, .doc = "variance over mean squared, 1 to 10000"}});
constexpr std::array kWeibullOptions =
    std::to_array<Option>({{.name = "mean", .kind = kDuration, .doc = "above 0"},
                           {.name = "shape", .kind = kNumber, .doc = "0.1 to 100"}});
constexpr std::array kGammaOptions = std::to_array<Option>(
    {{.name = "mean", .kind = kDuration, .doc = "above 0"},
     {.name = "cv2", .kind = kNumber, .doc = "variance over mean squared, 0.001 to 100"}});
constexpr std::array kParetoOptions =
    std::to_array<Option>({{.name = "mean", .kind = kDuration, .doc = "above 0"},
                           {.name = "shape", .kind = kNumber, .doc = "of the tail, 0.1 to 100"},
                           {.name = "max", .kind = kDuration, .doc = "above the mean"}});
constexpr std::array kFileOptions =
    std::to_array<Option>({{.name = "file", .kind = kFile, .doc = "path of the file"}});
constexpr std::array kMixOptions = std::to_array<Option>(
    {{.name = "parts", .kind = kDistribution, .doc = "shares that add up to 100%"}});

constexpr std::array kDistributions = std::to_array<Entry>({
    {"constant", Form::kScalar, kConstantOptions, "always the same", "constant:10ms"},
    {"exponential", Form::kScalar, kExponentialOptions, "memoryless, cv = 1", "exponential:10ms"},
    {"uniform", Form::kList, kUniformOptions, "every duration between two alike",
     "uniform:5ms,15ms"},
    {"erlang", Form::kMap, kErlangOptions, "a chain of exponential stages, cv² = 1 / stages",
     "erlang:mean=10ms,stages=4"},
    {"hyperexponential", Form::kMap, kHyperexponentialOptions,
     "one of two exponentials, cv² of 1 and more", "hyperexponential:mean=10ms,cv2=4"},
    {"lognormal", Form::kMap, kLognormalOptions, "long tail, as measured services have it",
     "lognormal:mean=10ms,cv=2"},
    {"weibull", Form::kMap, kWeibullOptions, "a tail between exponential and heavy",
     "weibull:mean=10ms,shape=0.5"},
    {"gamma", Form::kMap, kGammaOptions, "the erlang with any cv²", "gamma:mean=10ms,cv2=0.5"},
    {"pareto", Form::kMap, kParetoOptions, "a heavy tail, cut off at a longest",
     "pareto:mean=10ms,shape=1.5,max=10s"},
    {"mix", Form::kParts, kMixOptions, "one of several, drawn by share",
     "{mix: [[90%, {constant: 5ms}], [10%, {constant: 100ms}]]}"},
    {"histogram", Form::kFile, kFileOptions, "as recorded in an HdrHistogram log",
     "{histogram: file.hlog}"},
    {"samples", Form::kFile, kFileOptions, "as recorded one by one", "{samples: file.csv}"},
});

constexpr std::array kPoissonOptions =
    std::to_array<Option>({{.name = "rate", .kind = kRate, .doc = "in the long run, above 0"}});
constexpr std::array kMmppOptions = std::to_array<Option>(
    {{.name = "rates", .kind = kRate, .doc = "of each state; gone through in a circle"},
     {.name = "stay", .kind = kDuration, .doc = "mean time in each state, exponential"}});
constexpr std::array kSineOptions = std::to_array<Option>(
    {{.name = "mean", .kind = kRate, .doc = "in the long run, above 0"},
     {.name = "amplitude", .kind = kRate, .doc = "of the swing, at most the mean"},
     {.name = "period", .kind = kDuration, .doc = "of the swing, which starts upwards"}});
constexpr std::array kStagesOptions =
    std::to_array<Option>({{.name = "for", .kind = kDuration, .doc = "how long the stage lasts"}});
constexpr std::array kBatchOptions = std::to_array<Option>(
    {{.name = "every", .kind = kDistribution, .doc = "gaps between groups, one before the first"},
     {.name = "size", .kind = kCount, .doc = "requests of a group, 1 to 1M"}});
constexpr std::array kClosedOptions =
    std::to_array<Option>({{.name = "clients",
                            .kind = kCount,
                            .doc = "how many there are, each with one request at a time"},
                           {.name = "think",
                            .kind = kDistribution,
                            .doc = "from an answer to the next request",
                            .required = false}});

constexpr std::array kArrivals = std::to_array<Entry>({
    {"poisson", Form::kScalar, kPoissonOptions, "independent users: random gaps, open loop",
     "{poisson: 300/s}"},
    {"constant", Form::kScalar, kPoissonOptions, "equal gaps, open loop", "{constant: 300/s}"},
    {"closed", Form::kMap, kClosedOptions, "each client waits for its answer, then thinks",
     "{closed: {clients: 64, think: {exponential: 1s}}}"},
    {"mmpp", Form::kMap, kMmppOptions, "a Poisson process whose rate changes by chance: bursts",
     "{mmpp: {rates: [100/s, 900/s], stay: [9s, 1s]}}"},
    {"sine", Form::kMap, kSineOptions, "a Poisson process whose rate swings: days",
     "{sine: {mean: 300/s, amplitude: 200/s, period: 60s}}"},
    {"stages", Form::kParts, kStagesOptions, "one after the other: ramps, plateaus, spikes",
     "{stages: [{poisson: 100/s, for: 30s}, {ramp: [100/s, 900/s], for: 60s}]}"},
    {"batch", Form::kMap, kBatchOptions, "groups at one instant",
     "{batch: {every: {exponential: 1s}, size: 50}}"},
    {"trace", Form::kFile, kFileOptions, "at recorded offsets, one a line",
     "{trace: file.csv, speed: 2}"},
    {"access_log", Form::kFile, kFileOptions,
     "at the times of a log: JSON lines with \"time\", or nginx's and Apache's format",
     "{access_log: access.jsonl, speed: 2}"},
});

std::unexpected<Error> wrong(std::string where, std::string why) {
  return failed(Errc::kInvalidArgument, std::move(where), std::move(why));
}

template <class Entries>
std::vector<std::string_view> names_of(const Entries& entries) {
  std::vector<std::string_view> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& names) {
  if (const auto near = nearest_word(word, names); !near.empty()) {
    return "did you mean '" + std::string{near} + "'?";
  }
  std::string list = "there are ";
  for (const auto name : names) {
    if (name != names.front()) list += ", ";
    list += name;
  }
  return list;
}

Result<Entry> find(std::span<const Entry> entries, std::string_view name, std::string_view what) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  if (found != entries.end()) return *found;
  return wrong(std::string{name},
               "is no " + std::string{what} + "; " + did_you_mean(name, names_of(entries)));
}

/// The written options of one entry, each at most once and each known.
class Options {
 public:
  [[nodiscard]] static Result<Options> bind(const Entry& entry,
                                            std::span<const Argument> arguments) {
    Options bound;
    std::size_t place = 0;
    for (const auto& [name, text] : arguments) {
      if (name.empty() && (entry.form == Form::kMap || place >= entry.options.size())) {
        return wrong("", "must be written like " + std::string{entry.example});
      }
      const std::string_view key = name.empty() ? entry.options[place++].name : name;
      if (std::ranges::find(entry.options, key, &Option::name) == entry.options.end()) {
        return wrong(name, "is no option of " + std::string{entry.name} + "; " +
                               did_you_mean(key, names_of(entry.options)));
      }
      if (bound.text(key)) return wrong(std::string{key}, "comes twice");
      bound.written_.emplace_back(key, text);
    }
    return bound;
  }

  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const {
    const auto found =
        std::ranges::find(written_, name, &std::pair<std::string_view, std::string_view>::first);
    if (found == written_.end()) return std::nullopt;
    return found->second;
  }

  [[nodiscard]] Result<Duration> duration(std::string_view name) const {
    return parsed<Duration>(name, parse_duration);
  }
  [[nodiscard]] Result<std::int64_t> count(std::string_view name) const {
    return parsed<std::int64_t>(name, parse_count);
  }
  [[nodiscard]] Result<double> number(std::string_view name) const {
    return parsed<double>(name, parse_number);
  }

 private:
  template <class T>
  [[nodiscard]] Result<T> parsed(std::string_view name,
                                 Result<T> (*parse)(std::string_view)) const {
    const auto written = text(name);
    if (!written) return wrong(std::string{name}, "is missing");
    auto value = parse(*written);
    if (value) return value;
    return wrong(std::string{name}, "'" + std::string{*written} + "' " + value.error().why);
  }

  std::vector<std::pair<std::string_view, std::string_view>> written_;
};

/// `make` of the values, or the first error among them.
template <class Make, class... Values>
Result<Distribution> make_of(Make make, const Result<Values>&... values) {
  const Error* error = nullptr;
  ((error = error == nullptr && !values ? &values.error() : error), ...);
  if (error != nullptr) return std::unexpected(*error);
  return make(*values...);
}

Result<Distribution> make_lognormal(const Options& options) {
  const bool by_moments = options.text("mean") || options.text("cv");
  const bool by_quantiles = options.text("p50") || options.text("p99");
  if (by_moments == by_quantiles) return wrong("", "takes either mean and cv or p50 and p99");
  if (by_quantiles) {
    return make_of(Distribution::lognormal_quantiles, options.duration("p50"),
                   options.duration("p99"));
  }
  return make_of(Distribution::lognormal, options.duration("mean"), options.number("cv"));
}

Result<Distribution> make_by_mean(const Entry& entry, const Options& options) {
  const auto mean = options.duration("mean");
  if (entry.name == "exponential") return make_of(Distribution::exponential, mean);
  if (entry.name == "erlang") return make_of(Distribution::erlang, mean, options.count("stages"));
  if (entry.name == "hyperexponential") {
    return make_of(Distribution::hyperexponential, mean, options.number("cv2"));
  }
  if (entry.name == "weibull") return make_of(Distribution::weibull, mean, options.number("shape"));
  if (entry.name == "gamma") return make_of(Distribution::gamma, mean, options.number("cv2"));
  if (entry.name == "pareto") {
    return make_of(Distribution::pareto, mean, options.number("shape"), options.duration("max"));
  }
  return wrong("", "can only be written in a document: " + std::string{entry.example});
}

/// `a,b` or `a..b` or `name=a,name=b` as arguments.
std::vector<Argument> split_arguments(std::string_view text) {
  std::vector<Argument> arguments;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::size_t dots = text.find("..");
    const std::size_t end = std::min(comma, dots);
    const std::string_view part = text.substr(0, end);
    const std::size_t equals = part.find('=');
    const bool named = equals != std::string_view::npos;
    arguments.push_back({.name = std::string{named ? part.substr(0, equals) : ""},
                         .text = std::string{named ? part.substr(equals + 1) : part}});
    if (end == std::string_view::npos) return arguments;
    text.remove_prefix(end + (end == comma ? 1 : 2));
  }
}

}  // namespace

std::span<const Entry> distribution_catalog() noexcept { return kDistributions; }
std::span<const Entry> arrivals_catalog() noexcept { return kArrivals; }

std::string distribution_examples() {
  std::string list;
  for (const Entry& entry : kDistributions) {
    if (entry.form == Form::kParts || entry.form == Form::kFile) continue;
    if (!list.empty()) list += ", ";
    list += entry.example;
  }
  return list;
}

std::vector<std::string> open_arrivals() {
  std::vector<std::string> names;
  for (const Entry& entry : kArrivals) {
    if (entry.form == Form::kScalar) names.emplace_back(entry.name);
  }
  return names;
}

Result<Entry> find_distribution(std::string_view name) {
  return find(kDistributions, name, "distribution");
}
Result<Entry> find_arrivals(std::string_view name) { return find(kArrivals, name, "arrivals"); }

Result<Distribution> make_distribution(std::string_view name, std::span<const Argument> arguments) {
  const auto entry = find_distribution(name);
  if (!entry) return std::unexpected(entry.error());
  const auto options = Options::bind(*entry, arguments);
  if (!options) return std::unexpected(options.error());
  if (name == "constant") return make_of(Distribution::constant, options->duration("value"));
  if (name == "uniform") {
    return make_of(Distribution::uniform, options->duration("low"), options->duration("high"));
  }
  if (name == "lognormal") return make_lognormal(*options);
  return make_by_mean(*entry, *options);
}

Result<Distribution> parse_distribution(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto made =
      colon == std::string_view::npos && !text.empty() && text[0] >= '0' && text[0] <= '9'
          ? make_distribution("constant",
                              std::array{Argument{.name = "", .text = std::string{text}}})
          : make_distribution(text.substr(0, colon), colon == std::string_view::npos
                                                         ? std::vector<Argument>{}
                                                         : split_arguments(text.substr(colon + 1)));
  if (made) return made;
  const auto& [code, where, why] = made.error();
  return failed(code, std::string{text}, where.empty() ? why : where + " " + why);
}

Result<Arrivals> make_arrivals(std::string_view name, Rate rate) {
  const auto entry = find_arrivals(name);
  if (!entry) return std::unexpected(entry.error());
  if (rate.count <= 0) return wrong("rate", "must be above 0");
  if (rate.count > rate.per.count()) return wrong("rate", "must be at most 1G/s");
  if (name == "poisson") return Arrivals{PoissonArrivals{.rate = rate}};
  if (name == "constant") return Arrivals{ConstantArrivals{.rate = rate}};
  return wrong(std::string{name},
               "can only be written in a document: " + std::string{entry->example});
}

}  // namespace headgate::arrival
