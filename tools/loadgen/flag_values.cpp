#include "flag_values.hpp"

#include "headgate/arrival/catalog.hpp"
#include "headgate/core/text.hpp"

namespace headgate::loadgen {

Result<Rate> parse_flag_rate(const std::string& text) {
  const bool bare = text.find_first_not_of("0123456789") == std::string::npos;
  return parse_rate(bare ? text + "/s" : text);
}

Result<void> put_arrivals(const std::string& rate, const std::string& arrival,
                          std::optional<arrival::Arrivals>& place) {
  const auto parse = [&arrival](const std::string& text) -> Result<arrival::Arrivals> {
    const auto parsed = parse_flag_rate(text);
    if (!parsed) return std::unexpected(parsed.error());
    if (parsed->count == 0) {
      return failed(Errc::kInvalidArgument, text, "a rate is more than zero");
    }
    return arrival::make_arrivals(arrival, *parsed);
  };
  return put("--rate", rate, parse, place);
}

Result<void> put_expectations(const std::vector<std::string>& texts,
                              std::vector<stats::Expectation>& place) {
  for (const std::string& text : texts) {
    auto expectation = stats::parse_expectation(text);
    if (!expectation) return std::unexpected(expectation.error());
    place.push_back(*std::move(expectation));
  }
  return {};
}

}  // namespace headgate::loadgen
