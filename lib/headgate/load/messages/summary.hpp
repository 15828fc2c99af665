// What a run of message load says of itself: the result document `headgate.bus/1` and a page of
// text from the same figures, and the judgement of what was expected of it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/exit_code.hpp"
#include "headgate/load/messages/job.hpp"
#include "headgate/load/messages/run.hpp"
#include "headgate/load/verdict.hpp"
#include "headgate/report/manifest.hpp"

namespace headgate::load::messages {

/// Where the messages were kept, and what an answer promised.
struct Kept {
  std::string store;
  std::string durability;
};

struct Summary {
  Measured measured;
  Kept kept;
  std::string load;  ///< Job::describe()
  std::string name;  ///< of the topic or queue
  bool queue = false;
  std::uint64_t size = 0;  ///< of a message, in bytes
  std::uint64_t seed = 1;
  std::vector<std::string> remarks;  ///< what the run did not do as it was asked, or not quite
  std::vector<std::string> causes;   ///< why the measurement is not valid; empty: it is
  std::vector<Judged> expect;
  report::Manifest manifest;
};

/// The metric of that name; nothing if such a run does not measure it. Shares are of the scheduled
/// messages; of several groups the worst counts.
[[nodiscard]] std::optional<double> metric_of(const Measured& measured, std::string_view name);

/// Messages published and not consumed by the slowest group at the end of each second.
[[nodiscard]] std::vector<std::uint64_t> backlog_series(const Measured& measured);

[[nodiscard]] Summary summarise(Measured measured, const Job& job, Kept kept,
                                report::Manifest manifest);

/// kInvalid before kNo; kNo if an expectation failed or the accounts did not hold.
[[nodiscard]] ExitCode exit_code(const Summary& summary) noexcept;

[[nodiscard]] nlohmann::ordered_json to_json(const Summary& summary);
/// The page; `colour`: with terminal colours.
[[nodiscard]] std::string to_text(const Summary& summary, bool colour);

}  // namespace headgate::load::messages
