// A limit, or several that decide as one, at work: a trace of requests goes in, the decision of
// each comes out. The code is that of the gateway; the replay only reads and writes the lines.
//
// A trace is CSV with the header `t_ns,key,cost`, in the order in which the requests are asked.
// Times may stand still and go back. The key is any text: the caller, whatever the limits' `key`
// says it is made of; limits with `key: global` see one caller. A cost of 0 only looks: the answer
// is what a request of cost 1 would get. A cost of -n gives n back, as a gateway does for a request
// that was not carried out and for the place of one that has ended; the answer is that of a look
// after it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/ratelimit/chain.hpp"

namespace headgate::sim {

class AdmitReplay {
 public:
  static constexpr std::string_view kHeader = "t_ns,key,cost";

  /// Fails with what ratelimit::make says; `where` is the limit's field: `rate_limits.1.burst`, or
  /// `rate_limit.burst` if there is one limit. Requires: 1 to Chain::kLimitsMax limits. Time zero
  /// of the trace is 1970-01-01T00:00Z, for limits by the calendar.
  [[nodiscard]] static Result<AdmitReplay> make(std::span<const ratelimit::Spec> limits);

  /// `t_ns,key,cost,admitted,reason,remaining,retry_after_ns,reset_after_ns`, and `,delay_ns` if a
  /// limit holds requests back instead of refusing them.
  [[nodiscard]] std::string_view row_header() const noexcept;

  /// Takes one line of a trace and appends its row with a newline; the line stands at its start as
  /// it was written. `admitted` is 1 or 0; a time of -1 is never, or not known. Fails with
  /// kInvalidArgument; `why` says what is right. No allocation but for what `out` needs.
  [[nodiscard]] Result<void> take(std::string_view line, std::string& out);

 private:
  AdmitReplay(ratelimit::Chain chain, bool delays);
  [[nodiscard]] ratelimit::Decision decide(TimePoint now, std::int64_t cost) noexcept;

  ratelimit::Chain chain_;
  bool delays_;
  std::vector<std::uint64_t> keys_;  // of one caller, per limit
  std::string scratch_;
};

}  // namespace headgate::sim
