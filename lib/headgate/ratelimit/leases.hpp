// Tokens taken in advance: one holder of leases on buckets that are kept elsewhere.
//
// A holder (a worker of a gateway) takes up to `lease` tokens of a caller's bucket at once and
// spends them at home, without asking. What it has not spent after `lease_time` it gives back. The
// tokens left the bucket when they were taken, so however many holders there are:
//
//   from the start to any time t   at most  burst + rate * t             are admitted, none too
//   many; in any interval of length W    at most  burst + rate * W + k * lease, where k counts the
//   holders:
//                                  what they held when the interval began comes on top, and no
//                                  more;
//   too few                        at most  k * lease tokens lie idle with holders that do not need
//                                  them, each for lease_time; those of a holder that dies are lost.
//
// (The general form of approximate sharing is rate * sync_interval * (k - 1) + k * lease; here no
// state is shared late, so the first term is zero.)
//
// A refusal is remembered too: until the wait that came with it is over, or lease_time, a caller
// over its limit is refused at home. So under overload the store is asked once per caller and
// lease_time, not once per request; tokens given back by others in the meantime are noticed that
// much later.
//
// A state machine: it does no I/O and reads no clock. Whoever hosts it carries questions and
// answers.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class Leases {
 public:
  struct Options {
    Tokens lease;  ///< at least 1, at most the burst
    Tokens burst;  ///< of every bucket
    Duration lease_time{};
    std::size_t max_keys = 1;  ///< callers remembered at once; the one idle for longest goes first
  };
  struct Counters {
    std::uint64_t taken = 0;  ///< tokens; what is not spent or returned is held
    std::uint64_t spent = 0;
    std::uint64_t returned = 0;
  };
  /// Tokens on their way back to the bucket of `key`.
  struct Return {
    std::string key;
    Tokens tokens;
  };

  explicit Leases(const Options& options) : options_(options) {}

  enum class Step : std::uint8_t {
    kDecided,  ///< see `decision`
    kAsk,      ///< take `most` tokens, or fewer, but at least `least`; then `granted` or `refused`
    kWait,     ///< that question is under way: come again when it has been answered
  };
  struct Check {
    Step step = Step::kDecided;
    Decision decision = {};
    Tokens least = {};
    Tokens most = {};
  };
  /// What a request of `cost` tokens by the caller `key` would meet; nothing is spent, so that
  /// several limits can be checked first. Requires: cost >= 1. O(1).
  [[nodiscard]] Check check(std::string_view key, TimePoint now, Tokens cost);
  /// Spends. Requires: `check` has just admitted it.
  void spend(std::string_view key, Tokens cost);

  /// The answers to kAsk. `after`: the bucket's decision on what was taken.
  void granted(std::string_view key, TimePoint now, Tokens taken, const Decision& after);
  void refused(std::string_view key, TimePoint now, Tokens least, const Decision& refusal);
  /// There was no answer; the next `check` asks again.
  void failed(std::string_view key);

  /// The first time at which a lease runs out; max: none does.
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  /// Appends what has run out, and what had to make room since the last call.
  void on_timeout(TimePoint now, std::vector<Return>& returns);
  /// Ends all leases. Questions under way may still be answered.
  void end_all(std::vector<Return>& returns);

  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t size() const noexcept { return by_key_.size(); }

 private:
  struct Lease {
    std::string key;
    Tokens left{};
    TimePoint expires{};
    TimePoint reset_at{};       // the bucket is full then, as far as is known
    TimePoint refused_until{};  // for requests of at least refused_least
    Tokens refused_least{};
    bool asking = false;
  };
  using List = std::list<Lease>;

  Lease& find_or_make(std::string_view key, TimePoint now);
  void touch(Lease& lease, TimePoint now);
  void make_room();
  void drop(List::iterator lease);

  Options options_;
  List leases_;  // in the order in which they run out
  std::unordered_map<std::string_view, List::iterator> by_key_;  // views into the leases' own keys
  std::vector<Return> displaced_;
  Counters counters_;
};

/// The sizes to ask for, one after the other until one is granted: `most`, halved down to `least`.
[[nodiscard]] std::vector<Tokens> lease_offers(Tokens least, Tokens most);

}  // namespace headgate::ratelimit
