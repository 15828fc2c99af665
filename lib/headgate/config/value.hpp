// The forms of single values: the grammar of durations, rates, sizes, distributions, arrivals and
// expectations, once for every document. What a value means is core's, arrival's and stats' affair;
// these say how it stands in a tree and what its schema is.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/schedule.hpp"
#include "headgate/config/form.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::config {

/// Any scalar, not empty.
[[nodiscard]] Form<std::string> any_text();
/// The same; a bare scalar that YAML readers do not agree on (`no`, `on`, `1:30`, `null`, 12) is
/// taken as written, with the warning GW006. For texts that nothing else checks.
[[nodiscard]] Form<std::string> text();
/// What things are called: letters, digits, `_ . -`, at most 200, so that a name is a word in
/// metrics and can be a part of a file's name.
[[nodiscard]] Form<std::string> name();
/// `true` or `false`, and nothing else: `yes` and `on` are errors.
[[nodiscard]] Form<bool> boolean();
/// One of `words`, with "did you mean"; one of `to_come` is refused as not available (GW007).
[[nodiscard]] Form<std::string> word(std::vector<std::string> words,
                                     std::vector<std::string> to_come = {});
/// A whole number, `20`, `20k` or `2M`, from min to max.
[[nodiscard]] Form<std::int64_t> whole(std::int64_t min = 0,
                                       std::int64_t max = std::numeric_limits<std::int64_t>::max());
/// A plain number from min to max.
[[nodiscard]] Form<double> number(double min, double max);
[[nodiscard]] Form<Duration> duration();           ///< `10ms`; `0s` is one too
[[nodiscard]] Form<Duration> positive_duration();  ///< more than zero
[[nodiscard]] Form<Rate> rate();                   ///< `100/s`; more than zero
[[nodiscard]] Form<Rate> rate_or_zero();           ///< `0/s` is one too
[[nodiscard]] Form<Bytes> bytes();
[[nodiscard]] Form<Share> share();
/// `{exponential: 10ms}` and its kin. Files stand relative to the folder of the document.
[[nodiscard]] Form<arrival::Distribution> distribution();
/// What `distribution()` refers to, for the definitions of a schema.
[[nodiscard]] std::string distribution_schema();
/// `{poisson: 300/s}` and its kin.
[[nodiscard]] Form<arrival::Arrivals> arrivals();
/// `"response_time.p99 < 20ms"` or `{expect: "…", why: "…"}`.
[[nodiscard]] Form<stats::Expectation> expectation();

/// The JSON Schema of a whole document: `form`'s own, with the definitions that it refers to.
[[nodiscard]] std::string document_schema(std::string_view title, const std::string& schema);

}  // namespace headgate::config
