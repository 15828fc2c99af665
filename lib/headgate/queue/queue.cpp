#include "headgate/queue/queue.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/queue/settlements.hpp"

namespace headgate::queue {
namespace {

enum class Phase : std::uint8_t { kReady, kLeased, kDelayed, kSettling };

/// A message that was leased at least once and is not settled.
struct Message {
  Phase phase = Phase::kReady;
  bool dies = false;  // the settlement under way is a dead letter
  std::uint32_t deliveries = 0;
  TimePoint until{};  // end of the lease, or of the delay
};

/// Where the log's thread leaves the answers to settlements; the queue takes them at its next call.
struct Inbox {
  struct Answer {
    std::uint64_t offset;
    bool settled;
  };
  std::mutex mutex;
  std::vector<Answer> answers;
};

/// `now` + `wait`, and never past the end of time.
TimePoint later(TimePoint now, Duration wait) noexcept {
  return wait >= TimePoint::max() - now ? TimePoint::max() : now + wait;
}

}  // namespace

struct Queue::State {
  State(messaging::Log& store, Options given, const Ledger& ledger);

  [[nodiscard]] Result<std::vector<Delivery>> lease(TimePoint now, std::size_t max);
  [[nodiscard]] Result<void> take_returned(std::size_t max, std::vector<Delivery>& into);
  [[nodiscard]] Result<void> take_new(std::size_t max, std::vector<Delivery>& into);
  void begin_leases(std::vector<Delivery>& deliveries);

  /// The message of a receipt that is good at `now`, or null.
  [[nodiscard]] Message* find(const Receipt& receipt);
  void advance(TimePoint now);
  void take_answers();
  void give_back(std::uint64_t offset, Message& message);
  void settle(std::uint64_t offset, Message& message, std::vector<messaging::TopicRecord> batch,
              Settled done);
  void bury(std::uint64_t offset, Message& message, std::string_view reason, Settled done);
  void wait_until(std::uint64_t offset, Message& message, Phase phase, TimePoint until);

  messaging::Log& log;
  const Options options;
  const std::uint64_t epoch;
  std::uint64_t next;                         // no message at or behind it was ever leased
  std::map<std::uint64_t, Message> messages;  // by offset
  std::set<std::uint64_t> ready;              // of messages in kReady
  std::set<std::pair<TimePoint, std::uint64_t>> timers;  // of messages in kLeased and kDelayed
  std::uint64_t acked;
  std::uint64_t dead;
  TimePoint latest{};  // no call was later
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
};

namespace {

std::unexpected<Error> stale(const Receipt& receipt) {
  return failed(Errc::kNotFound, std::to_string(receipt.offset),
                "the receipt is stale: the lease has ended, or the message is settled");
}

Result<void> check_options(const Queue::Options& options) {
  if (auto good = messaging::check_topic_name(options.name); !good) {
    return failed(Errc::kInvalidConfig, "name", good.error().why);
  }
  if (options.name.size() > 240) {
    return failed(Errc::kInvalidConfig, "name", "must have at most 240 characters");
  }
  if (options.lease <= Duration{0}) {
    return failed(Errc::kInvalidConfig, "lease", "must be more than 0");
  }
  if (options.max_deliveries == 0) {
    return failed(Errc::kInvalidConfig, "max_deliveries", "must be at least 1");
  }
  if (options.dead_letter == options.name) {
    return failed(Errc::kInvalidConfig, "dead_letter", "must be another topic than the queue's");
  }
  return {};
}

/// What was given up, with the reason beside it.
messaging::Record letter_of(messaging::Record record, const std::string& queue,
                            std::uint64_t offset, const Message& message, std::string_view reason) {
  record.headers.emplace_back("dead-letter-reason", reason);
  record.headers.emplace_back("dead-letter-queue", queue);
  record.headers.emplace_back("dead-letter-offset", std::to_string(offset));
  record.headers.emplace_back("dead-letter-deliveries", std::to_string(message.deliveries));
  return record;
}

}  // namespace

Queue::State::State(messaging::Log& store, Options given, const Ledger& ledger)
    : log(store),
      options(std::move(given)),
      epoch(ledger.epoch + 1),
      next(ledger.next),
      acked(ledger.acked),
      dead(ledger.dead) {
  for (const auto& [offset, deliveries] : ledger.open) {
    Message& message = messages[offset];
    message.deliveries = deliveries;
    if (deliveries < options.max_deliveries) {
      ready.insert(offset);
    } else {  // its last lease has ended with the process
      wait_until(offset, message, Phase::kLeased, TimePoint::min());
    }
  }
}

// --- time and answers

void Queue::State::advance(TimePoint now) {
  latest = std::max(latest, now);
  take_answers();
  while (!timers.empty() && timers.begin()->first <= latest) {
    const std::uint64_t offset = timers.begin()->second;
    timers.erase(timers.begin());
    give_back(offset, messages.at(offset));
  }
  take_answers();
}

void Queue::State::take_answers() {
  std::vector<Inbox::Answer> answers;
  {
    const std::lock_guard lock{inbox->mutex};
    answers.swap(inbox->answers);
  }
  for (const auto& [offset, settled] : answers) {
    const auto found = messages.find(offset);
    HG_ASSERT(found != messages.end() && found->second.phase == Phase::kSettling);
    Message& message = found->second;
    if (settled) {
      ++(message.dies ? dead : acked);
      messages.erase(found);
    } else {
      // The lease goes on. One that is over is not tried again at once: the store has said no.
      const TimePoint until = message.until > latest ? message.until : later(latest, options.lease);
      wait_until(offset, message, Phase::kLeased, until);
    }
  }
}

void Queue::State::wait_until(std::uint64_t offset, Message& message, Phase phase,
                              TimePoint until) {
  message.phase = phase;
  message.until = until;
  timers.emplace(until, offset);
}

/// A lease or a delay is over.
void Queue::State::give_back(std::uint64_t offset, Message& message) {
  if (message.phase == Phase::kLeased && message.deliveries >= options.max_deliveries) {
    return bury(offset, message, "delivered too often", [](const Result<void>&) {});
  }
  message.phase = Phase::kReady;
  ready.insert(offset);
}

// --- settling

Message* Queue::State::find(const Receipt& receipt) {
  const auto found = messages.find(receipt.offset);
  if (found == messages.end() || receipt.epoch != epoch) return nullptr;
  Message& message = found->second;
  const bool current = message.phase == Phase::kLeased && message.deliveries == receipt.delivery;
  return current ? &message : nullptr;
}

/// Writes `batch`; the message is settled when the log has said so. Requires: no timer runs for it.
void Queue::State::settle(std::uint64_t offset, Message& message,
                          std::vector<messaging::TopicRecord> batch, Settled done) {
  message.phase = Phase::kSettling;
  log.append_all(std::move(batch), [box = inbox, offset, done = std::move(done)](
                                       const Result<std::vector<std::uint64_t>>& answer) mutable {
    {
      const std::lock_guard lock{box->mutex};
      box->answers.push_back({offset, answer.has_value()});
    }
    done(answer ? Result<void>{} : std::unexpected(answer.error()));
  });
}

/// To the dead letter topic, in one batch with the settlement.
void Queue::State::bury(std::uint64_t offset, Message& message, std::string_view reason,
                        Settled done) {
  std::vector<messaging::TopicRecord> batch{dead_record(options.name, offset)};
  if (!options.dead_letter.empty()) {
    auto records = log.read(options.name, offset, {.max_records = 1});
    if (!records || records->empty()) {
      wait_until(offset, message, Phase::kLeased, later(latest, options.lease));
      return done(records ? failed(Errc::kCorrupt, options.name, "the message is gone")
                          : std::unexpected(records.error()));
    }
    batch.push_back({options.dead_letter, letter_of(std::move(records->front().record),
                                                    options.name, offset, message, reason)});
  }
  message.dies = true;
  settle(offset, message, std::move(batch), std::move(done));
}

// --- leasing

Result<void> Queue::State::take_returned(std::size_t max, std::vector<Delivery>& into) {
  for (auto each = ready.begin(); each != ready.end() && into.size() < max;) {
    const std::uint64_t offset = *each;
    auto records = log.read(options.name, offset, {.max_records = 1});
    if (!records) return std::unexpected(records.error());
    if (records->empty() || records->front().offset != offset) {
      messages.erase(offset);  // a place that the store uses for itself
      each = ready.erase(each);
      continue;
    }
    const Message& message = messages.at(offset);
    into.push_back({{offset, message.deliveries + 1, epoch}, std::move(records->front().record)});
    ++each;
  }
  return {};
}

Result<void> Queue::State::take_new(std::size_t max, std::vector<Delivery>& into) {
  if (into.size() >= max) return {};
  auto records = log.read(options.name, next, {.max_records = max - into.size()});
  if (!records) return std::unexpected(records.error());
  for (messaging::StoredRecord& stored : *records) {
    into.push_back({{stored.offset, 1, epoch}, std::move(stored.record)});
  }
  return {};
}

void Queue::State::begin_leases(std::vector<Delivery>& deliveries) {
  Leases leases;
  for (const Delivery& delivery : deliveries) {
    const Receipt& receipt = delivery.receipt;
    Message& message = messages[receipt.offset];
    message.deliveries = receipt.delivery;
    message.dies = false;
    ready.erase(receipt.offset);
    wait_until(receipt.offset, message, Phase::kLeased, later(latest, options.lease));
    next = std::max(next, receipt.offset + 1);
    leases.emplace_back(receipt.offset, receipt.delivery);
  }
  if (leases.empty()) return;
  // Not waited for: if it is lost, a restart counts one delivery less.
  auto record = leased_record(options.name, leases);
  log.append(record.topic, std::move(record.record), [](const Result<std::uint64_t>&) {});
}

Result<std::vector<Delivery>> Queue::State::lease(TimePoint now, std::size_t max) {
  advance(now);
  const std::size_t busy = messages.size() - ready.size();
  max = std::min(max, options.max_leased - std::min(options.max_leased, busy));
  std::vector<Delivery> deliveries;
  if (auto taken = take_returned(max, deliveries); !taken) return std::unexpected(taken.error());
  if (auto taken = take_new(max, deliveries); !taken) return std::unexpected(taken.error());
  begin_leases(deliveries);
  return deliveries;
}

// --- the public face

Queue::Queue(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&&) noexcept = default;
Queue::~Queue() = default;

Result<Queue> Queue::open(messaging::Log& log, Options options) {
  if (auto good = check_options(options); !good) return std::unexpected(good.error());
  std::vector<std::string> topics{options.name, settlements_topic(options.name)};
  if (!options.dead_letter.empty()) topics.push_back(options.dead_letter);
  for (const std::string& topic : topics) {
    if (auto made = log.create_topic(topic); !made) return std::unexpected(made.error());
  }
  auto ledger = load_ledger(log, options.name);
  if (!ledger) return std::unexpected(ledger.error());
  if (auto done = append_and_wait(log, {opened_record(options.name)}); !done) {
    return std::unexpected(done.error());
  }
  return Queue{std::make_unique<State>(log, std::move(options), *ledger)};
}

Result<std::vector<Delivery>> Queue::lease(TimePoint now, std::size_t max) {
  return state_->lease(now, max);
}

void Queue::ack(TimePoint now, const Receipt& receipt, Settled done) {
  state_->advance(now);
  Message* message = state_->find(receipt);
  if (message == nullptr) return done(stale(receipt));
  state_->timers.erase({message->until, receipt.offset});
  state_->settle(receipt.offset, *message, {acked_record(state_->options.name, receipt.offset)},
                 std::move(done));
  state_->take_answers();
}

void Queue::reject(TimePoint now, const Receipt& receipt, std::string_view reason, Settled done) {
  state_->advance(now);
  Message* message = state_->find(receipt);
  if (message == nullptr) return done(stale(receipt));
  state_->timers.erase({message->until, receipt.offset});
  state_->bury(receipt.offset, *message, reason, std::move(done));
  state_->take_answers();
}

void Queue::nack(TimePoint now, const Receipt& receipt, Duration delay, Settled done) {
  state_->advance(now);
  Message* message = state_->find(receipt);
  if (message == nullptr) return done(stale(receipt));
  if (message->deliveries >= state_->options.max_deliveries) {
    return reject(now, receipt, "delivered too often", std::move(done));
  }
  state_->timers.erase({message->until, receipt.offset});
  if (delay > Duration{0}) {
    state_->wait_until(receipt.offset, *message, Phase::kDelayed, later(state_->latest, delay));
  } else {
    state_->give_back(receipt.offset, *message);
  }
  done({});  // a restart returns it as well, so there is nothing to write down
}

Result<void> Queue::extend(TimePoint now, const Receipt& receipt, Duration lease) {
  state_->advance(now);
  Message* message = state_->find(receipt);
  if (message == nullptr) return stale(receipt);
  state_->timers.erase({message->until, receipt.offset});
  state_->wait_until(receipt.offset, *message, Phase::kLeased, later(state_->latest, lease));
  return {};
}

std::optional<TimePoint> Queue::next_timeout() {
  state_->take_answers();
  if (state_->timers.empty()) return std::nullopt;
  return state_->timers.begin()->first;
}

void Queue::on_timeout(TimePoint now) { state_->advance(now); }

Queue::Stats Queue::stats() {
  state_->take_answers();
  Stats stats{.ready = state_->ready.size(), .acked = state_->acked, .dead = state_->dead};
  for (const auto& [offset, message] : state_->messages) {
    stats.leased += message.phase == Phase::kLeased ? 1 : 0;
    stats.delayed += message.phase == Phase::kDelayed ? 1 : 0;
    stats.settling += message.phase == Phase::kSettling ? 1 : 0;
  }
  const auto marks = state_->log.watermarks(state_->options.name);
  if (marks && marks->end > state_->next) stats.ready += marks->end - state_->next;
  return stats;
}

}  // namespace headgate::queue
