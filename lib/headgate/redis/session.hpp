// A conversation with one Redis, without the socket: what to send, what an answer means, how long
// to wait, when to connect anew. A driver carries bytes and the time; so does a test.
//
// Questions are pipelined: Redis answers in order, so a queue of who asked is all it takes. The
// script is loaded first; should Redis have forgotten it (NOSCRIPT after a restart or a flush), it
// is loaded again and the question is asked again, once.
//
// A Redis that is away must cost nothing but the decision of the failure rule. So while the
// conversation is down, or an answer is overdue, a question fails at once instead of waiting for a
// timeout of its own. Only the first connection is waited for. An overdue answer that comes at last
// ends that state without a new connection: a hiccup is no outage.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/core/time.hpp"
#include "headgate/ratelimit/shared_bucket.hpp"
#include "headgate/redis/resp.hpp"
#include "headgate/redis/script.hpp"
#include "headgate/resilience/backoff.hpp"

namespace headgate::redis {

enum class Failure : std::uint8_t {
  kDown,      ///< not connected, or an earlier answer is overdue
  kBusy,      ///< kAskedMax questions are open
  kTimedOut,  ///< no answer in time; the script may have run
  kRefused,   ///< Redis answered with an error, or with what our script does not say
};
inline constexpr std::size_t kFailureCount = 4;

/// `down`, `busy`, `timed_out`, `refused`.
[[nodiscard]] std::string_view to_text(Failure failure) noexcept;

/// Names an open question; never used twice in a session.
using Ticket = std::uint64_t;
using Answer = std::expected<std::vector<ratelimit::SharedSight>, Failure>;

/// Who hears the answers. It may ask anew from within the call.
class AnswerHandler {
 public:
  virtual void on_answer(Ticket ticket, const Answer& answer) = 0;

 protected:
  ~AnswerHandler() = default;
};

class Session {
 public:
  static constexpr std::size_t kAskedMax = 65'536;
  /// Without an answer, or a connection, for so long it is closed, and tried anew.
  static constexpr Duration kPatience = std::chrono::seconds{1};
  /// Before the first new attempt; doubled for each one in a row that fails, up to kBackoffMax. Up
  /// to half of it is left out at random: gateways that lost one Redis must not come back as one.
  static constexpr Duration kBackoffMin = std::chrono::milliseconds{100};
  static constexpr Duration kBackoffMax = std::chrono::seconds{5};

  struct Counters {
    std::uint64_t asked = 0;
    std::array<std::uint64_t, kFailureCount> failed{};
    std::uint64_t connections = 0;  ///< that came as far as a loaded script
  };

  Session(Duration timeout, std::uint64_t seed, AnswerHandler& handler);

  // The users' side.

  /// Asks; on_answer follows, in a later call of the driver, unless it fails at once: kDown, kBusy.
  [[nodiscard]] std::expected<Ticket, Failure> ask(Call call, TimePoint now);
  /// Gives an order whose answer nobody waits for, such as giving tokens back. Dropped if Redis is
  /// away or has forgotten the script.
  void tell(Call call, TimePoint now);
  /// Nobody waits for this answer any more; the question stands.
  void forget(Ticket ticket) noexcept;

  // The driver's side. Every call may change what the three questions after them answer.

  void on_connected(TimePoint now);
  /// The connection is closed, or did not come about.
  void on_closed(TimePoint now);
  void on_input(std::string_view bytes, TimePoint now);
  void on_timeout(TimePoint now);

  enum class Want : std::uint8_t { kNothing, kConnect, kClose };
  [[nodiscard]] Want want(TimePoint now) const noexcept;
  /// When to call on_timeout and look at `want` again; max: not by itself.
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  /// Bytes for the connection; the driver takes off what it has sent.
  [[nodiscard]] std::string& output() noexcept { return output_; }
  /// The driver does what `want` says: connect.
  void on_connecting(TimePoint now) noexcept;

  [[nodiscard]] bool ready() const noexcept { return state_ == State::kReady; }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  enum class State : std::uint8_t { kDown, kConnecting, kLoading, kReady };

  /// A question, or the order to load the script.
  struct Asked {
    Ticket ticket = 0;   // in the order of asking
    TimePoint asked{};   // the deadline is a timeout later
    bool heard = false;  // somebody waits for the answer
    bool load = false;   // the order to load the script
    bool again = false;  // asked for the second time
    Call call = {};
  };

  void enter(Asked asked);
  void send(Asked asked);
  void load(TimePoint now);
  void take(const Reply& reply, TimePoint now);
  void take_load(const Reply& reply);
  void take_answer(Asked asked, const Reply& reply, TimePoint now);
  void ask_again(Asked asked, TimePoint now);
  void fail(Ticket ticket, Failure failure);
  [[nodiscard]] TimePoint first_deadline(const std::deque<Asked>& list) const noexcept;

  Duration timeout_;
  Random random_;
  AnswerHandler& handler_;
  State state_ = State::kDown;
  bool failing_ = false;  // since a failure nothing has been answered
  bool loaded_ = false;   // the script, on this connection, once at least
  bool broken_ = false;   // what came in cannot be understood: close
  TimePoint since_{};     // of kDown: connect then; of kConnecting: when it began
  resilience::Backoff backoff_;
  std::uint32_t attempts_ = 0;  // in a row that failed
  Ticket tickets_ = 0;
  std::string sha_;
  std::string output_;
  ReplyReader reader_;
  std::deque<Asked> waiting_;  // for the script; sorted by ticket
  std::deque<Asked> sent_;     // in the order of the replies to come
  Counters counters_;
};

}  // namespace headgate::redis
