// A load plan made ready to run: addresses resolved, requests laid out, choices drawn by weight.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/config/load_plan.hpp"
#include "headgate/core/result.hpp"
#include "headgate/load/answer_check.hpp"
#include "headgate/load/request_text.hpp"
#include "headgate/load/target.hpp"

namespace headgate::load {

/// Things chosen at random in proportion to their weights.
class Weights {
 public:
  explicit Weights(const std::vector<std::uint32_t>& weights);
  /// 0 to size - 1; one draw from `random`.
  [[nodiscard]] std::size_t draw(Random& random) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return sums_.size(); }

 private:
  std::vector<std::uint64_t> sums_;  // of the weights up to and with each
};

/// Whether threads poll for the next intended time, or sleep until it.
enum class Spin : std::uint8_t { kAuto, kAlways, kNever };

/// What to send, and where.
struct Choice {
  std::uint32_t target = 0;
  const RequestText* request = nullptr;
  const AnswerCheck* check = nullptr;  ///< null: nothing is asked of the answer
};

/// A request made ready to run.
struct Request {
  RequestText text;
  AnswerCheck check;
  std::uint32_t target = 0;

  [[nodiscard]] Choice choice() const noexcept {
    return {.target = target, .request = &text, .check = check.empty() ? nullptr : &check};
  }
};

class Job {
 public:
  /// Resolves names (may block) and checks the requests. Fails with kInvalidArgument for a request
  /// that cannot be sent and with kUnavailable for a host that is not known.
  [[nodiscard]] static Result<Job> prepare(const config::LoadPlan& plan);

  [[nodiscard]] const std::vector<Target>& targets() const noexcept { return targets_; }
  /// The target and request of a place in the schedule: the same for every number of threads, since
  /// it is drawn from a stream of its own.
  [[nodiscard]] Choice choose(std::uint64_t sequence) const noexcept;
  /// What its places are filled with; the client adds what it has captured.
  [[nodiscard]] Fill fill(std::uint64_t sequence) const noexcept {
    return {.sequence = sequence, .seed = seed, .data = data_.get()};
  }

  /// What each client sends to the first target before the run.
  [[nodiscard]] const std::vector<Request>& before() const noexcept { return before_; }
  /// The names of all that the plan captures.
  [[nodiscard]] const std::vector<std::string>& captured_names() const noexcept {
    return captured_names_;
  }
  /// Clients that share a connection, each with one request at a time.
  [[nodiscard]] std::uint32_t clients_per_connection() const noexcept { return pipeline; }

  [[nodiscard]] bool open_loop() const noexcept { return open_arrivals() != nullptr; }
  /// The arrivals of an open loop; null for a closed one.
  [[nodiscard]] const arrival::Arrivals* open_arrivals() const noexcept {
    return arrivals && !arrivals->is_closed() ? &*arrivals : nullptr;
  }

  /// Makes this the job of generator `index` of `of`: its part of the connections, and of the
  /// schedule. Requires: at least one connection each.
  void take_slice(std::uint32_t index, std::uint32_t of) noexcept;
  /// The place of a thread among all that walk the schedule, and how many those are.
  [[nodiscard]] std::uint32_t place(std::uint32_t thread) const noexcept {
    return slice + slices * thread;
  }
  [[nodiscard]] std::uint32_t places() const noexcept { return slices * threads; }

  std::optional<arrival::Arrivals> arrivals;
  std::uint32_t connections = 1;  ///< of all threads; at least one each
  std::uint32_t threads = 1;
  /// Which part of the schedule this generator has where several share it: its threads are some of
  /// the `places()` that walk it.
  std::uint32_t slice = 0;   ///< 0 to slices - 1
  std::uint32_t slices = 1;  ///< generators
  Duration duration = kNever;
  std::optional<std::uint64_t> count;
  Duration timeout{};
  std::uint64_t seed = 1;
  Spin spin = Spin::kAuto;
  std::uint32_t pipeline = 1;  ///< requests under way at once on a connection
  config::Saturation on_saturation = config::Saturation::kQueue;

 private:
  Job(Weights targets, Weights requests)
      : target_weights_{std::move(targets)}, request_weights_{std::move(requests)} {}

  void set_pace(const config::LoadPlan& plan);
  [[nodiscard]] Result<void> lay_out_all(const config::LoadPlan& plan,
                                         const std::vector<config::LoadRequest>& requests);

  std::vector<Target> targets_;
  std::vector<Request> requests_;  // of target t and request r at t * (number of requests) + r
  std::vector<Request> before_;
  std::vector<std::string> captured_names_;
  std::shared_ptr<const std::vector<std::uint32_t>> order_;  // of a recording's requests, or null
  Weights target_weights_;
  Weights request_weights_;
  std::shared_ptr<const config::DataTable> data_;  // null: the plan has none
};

/// How long a plan without a count runs if it does not say.
inline constexpr Duration kDurationDefault = std::chrono::seconds{10};
/// The largest request: what a connection keeps while the kernel is full.
inline constexpr std::size_t kRequestMax = std::size_t{256} * 1024;

}  // namespace headgate::load
