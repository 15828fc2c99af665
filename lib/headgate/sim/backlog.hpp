// The books of what is stored and not yet done with: a queue's messages, a subscriber's events.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::sim {

/// What became of a backlog in the measured stretch.
struct BacklogOutcome {
  stats::Histogram age;           ///< of measured messages: from publish to done
  Int128 depth_ns = 0;            ///< message-nanoseconds
  std::uint64_t depth_max = 0;    ///< messages
  std::uint64_t done = 0;         ///< messages
  std::uint64_t redelivered = 0;  ///< deliveries beyond the first of their message
  std::uint64_t dead = 0;         ///< messages given up
};

/// Of the gateway's queues and its bus.
struct BusOutcome {
  std::vector<BacklogOutcome> queues;       ///< as in the plan
  std::vector<BacklogOutcome> subscribers;  ///< as in the plan
};

class Backlog {
 public:
  struct Message {
    TimePoint published{};
    std::uint64_t draw = 0;  ///< what it draws by
    bool measured = false;
  };

  /// The message at the next offset.
  void add(TimePoint now, std::uint64_t draw, bool measured) {
    advance(now);
    messages_.push_back({.published = now, .draw = draw, .measured = measured});
    ++depth_;
    if (measuring_) outcome_.depth_max = std::max(outcome_.depth_max, depth_);
  }
  void done(TimePoint now, std::uint64_t offset) {
    advance(now);
    --depth_;
    if (measuring_) ++outcome_.done;
    const Message& message = messages_[offset];
    if (message.measured) outcome_.age.record(now - message.published);
  }
  void dead(TimePoint now, std::uint64_t count) {
    advance(now);
    depth_ -= count;
    if (measuring_) outcome_.dead += count;
  }
  void redelivered() noexcept { outcome_.redelivered += measuring_ ? 1 : 0; }

  void measure(TimePoint now, bool on) {
    advance(now);
    measuring_ = on;
    outcome_.depth_ns += on ? -depth_ns_ : depth_ns_;
    if (on) outcome_.depth_max = depth_;
  }

  [[nodiscard]] const Message& operator[](std::uint64_t offset) const { return messages_[offset]; }
  [[nodiscard]] std::uint64_t size() const noexcept { return messages_.size(); }  ///< ever added
  [[nodiscard]] std::uint64_t depth() const noexcept { return depth_; }
  [[nodiscard]] BacklogOutcome take_outcome() { return std::exchange(outcome_, BacklogOutcome{}); }

 private:
  void advance(TimePoint now) noexcept {
    depth_ns_ += static_cast<Int128>((now - latest_).count()) * static_cast<Int128>(depth_);
    latest_ = now;
  }

  std::vector<Message> messages_;  // by offset
  std::uint64_t depth_ = 0;
  Int128 depth_ns_ = 0;
  TimePoint latest_{};
  bool measuring_ = false;
  BacklogOutcome outcome_;
};

}  // namespace headgate::sim
