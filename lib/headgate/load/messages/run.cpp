#include "headgate/load/messages/run.hpp"

#include <algorithm>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <random>
#include <thread>

#include "headgate/load/messages/consumer.hpp"
#include "headgate/load/messages/desk.hpp"
#include "headgate/load/messages/producer.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load::messages {
namespace {

/// Between the decision to start and the first intended time.
constexpr Duration kStartLead = std::chrono::milliseconds{5};
/// For the answers to what was published; a store that is away may take it.
constexpr Duration kAnswerLimit = std::chrono::seconds{35};

std::uint64_t run_number() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32 | entropy();
}

}  // namespace

bool Measured::held() const noexcept {
  const bool accounts_held = std::ranges::all_of(accounts, &Account::held);
  return accounts_held && std::ranges::all_of(groups, [](const Consumed& group) {
           return group.damaged == 0 && group.out_of_order == 0;
         });
}

/// The threads, in the order in which they need each other: what the store answers to goes last.
class Run::Threads {
 public:
  Threads(Job job, std::unique_ptr<Store> store)
      : job_{std::move(job)},
        store_{std::move(store)},
        shared_{job_, *store_, run_number(), job_.queue ? 1U : job_.shape.groups},
        gate_{job_.plan.backlog ? 1 : 0} {}
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    interrupt();
    for (std::thread* thread : {&publishing_, &consuming_}) {
      if (thread->joinable()) thread->join();
    }
    store_.reset();  // answers everything that is still open
  }

  Result<void> open() {
    if (auto made = store_->create(job_.topics); !made) return made;
    for (const std::string& topic : job_.topics) {
      const auto marks = store_->log().watermarks(topic);
      if (!marks) return std::unexpected(marks.error());
      const std::size_t groups = job_.queue ? 1 : job_.shape.groups;
      shared_.places.push_back({.topic = topic, .begin = marks->end});
      shared_.places.back().reached.assign(job_.shape.consumers == 0 ? 0 : groups, marks->end);
    }
    for (std::uint32_t i = 0; i < job_.producers(); ++i) {
      producers_.push_back(std::make_unique<Producer>(shared_, i));
    }
    return job_.queue ? open_queue() : open_consumers();
  }

  void begin() {
    Frame& frame = shared_.frame;
    frame.start = net::EventLoop::fresh_now() + kStartLead;
    frame.measured_from = frame.start + job_.plan.warmup;
    frame.end = job_.duration == kNever ? TimePoint::max() : frame.start + job_.duration;
    consuming_ = std::thread{[this] { consume(); }};
    publishing_ = std::thread{[this] { publish(); }};
  }

  bool wait_for(Duration limit) {
    std::unique_lock lock{mutex_};
    return over_.wait_for(lock, limit, [this] { return ended_; });
  }

  void interrupt() {
    {
      const std::lock_guard lock{mutex_};
      if (!ended_ && !shared_.interrupted) interrupted_at_ = net::EventLoop::fresh_now();
    }
    shared_.interrupted = true;
  }

  [[nodiscard]] std::uint64_t published() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& producer : producers_) sum += producer->answered();
    return sum;
  }
  [[nodiscard]] std::uint64_t consumed() const {
    std::uint64_t least = shared_.ledger.consumed(0);
    for (std::size_t g = 1; g < job_.shape.groups && !job_.queue; ++g) {
      least = std::min(least, shared_.ledger.consumed(g));
    }
    return least;
  }

  Measured finish() {
    publishing_.join();
    consuming_.join();
    count_left();
    Measured measured;
    measured.accounts = shared_.ledger.close();
    measured.start = shared_.frame.start;
    measured.interrupted = interrupted_at_.has_value();
    measured.groups.resize(measured.accounts.size());
    for (const auto& producer : producers_) {
      measured.published.merge(producer->tally());
      if (job_.arrivals) {
        measured.evidence.cpu_share_max =
            std::max(measured.evidence.cpu_share_max, producer->cpu_share());
      }
    }
    for (const auto& consumer : consumers_) {
      measured.groups[consumer->group()].merge(consumer->tally());
    }
    for (const auto& worker : workers_) measured.groups.front().merge(worker->tally());
    measured.published.totals.check();
    set_windows(measured);
    set_evidence(measured);
    set_backlog(measured);
    return measured;
  }

 private:
  Result<void> open_consumers() {
    for (std::uint32_t g = 0; g < job_.shape.groups; ++g) {
      for (std::uint32_t t = 0; t < job_.shape.topics; ++t) {
        for (std::uint32_t c = 0; c < std::min(job_.shape.consumers, job_.shape.partitions); ++c) {
          consumers_.push_back(std::make_unique<Consumer>(shared_, g, t, c));
          if (auto opened = consumers_.back()->open(); !opened) return opened;
        }
      }
    }
    return {};
  }

  Result<void> open_queue() {
    auto desk = Desk::open(*store_, job_);
    if (!desk) return std::unexpected(desk.error());
    desk_ = *std::move(desk);
    for (std::uint32_t i = 0; i < job_.shape.consumers; ++i) {
      workers_.push_back(std::make_unique<QueueWorker>(shared_, *desk_, i));
    }
    return {};
  }

  void publish() {
    std::vector<std::thread> threads;
    threads.reserve(producers_.size());
    for (const auto& producer : producers_) {
      threads.emplace_back([&producer] { producer->run(kAnswerLimit); });
    }
    for (std::thread& thread : threads) thread.join();
    for (Place& place : shared_.places) {
      const auto marks = store_->log().watermarks(place.topic);
      place.end = marks ? marks->end : place.begin;
    }
    published_at_ = net::EventLoop::fresh_now();
    shared_.all_published = true;
    if (job_.plan.backlog) gate_.count_down();
  }

  void consume() {
    gate_.wait();
    std::vector<std::thread> threads;
    threads.reserve(consumers_.size() + workers_.size());
    for (const auto& consumer : consumers_) threads.emplace_back([&consumer] { consumer->run(); });
    for (const auto& worker : workers_) threads.emplace_back([&worker] { worker->run(); });
    for (std::thread& thread : threads) thread.join();
    while (!shared_.all_published) std::this_thread::sleep_for(kNap);
    const std::lock_guard lock{mutex_};
    ended_ = true;
    over_.notify_all();
  }

  /// What is in the store of what some group has not consumed.
  void count_left() {
    for (Place& place : shared_.places) {
      std::uint64_t from = place.begin;
      if (!job_.queue && !place.reached.empty()) from = *std::ranges::min_element(place.reached);
      while (from < place.end) {
        const auto records = store_->log().read(place.topic, from);
        if (!records || records->empty()) break;
        for (const messaging::StoredRecord& stored : *records) {
          const auto [kind, stamp] = shared_.payload.read(stored.record.value);
          for (std::size_t g = 0; kind == Payload::Kind::kGood && g < groups(); ++g) {
            const bool before =
                !job_.queue && !place.reached.empty() && stored.offset < place.reached[g];
            if (!before) shared_.ledger.left(g, stamp.sequence);
          }
        }
        from = records->back().offset + 1;
      }
    }
  }

  [[nodiscard]] std::size_t groups() const noexcept { return job_.queue ? 1 : job_.shape.groups; }

  void set_windows(Measured& measured) const {
    const Frame& frame = shared_.frame;
    const std::uint64_t scheduled = measured.published.totals.scheduled;
    const bool count_reached = job_.count && scheduled >= *job_.count;
    if (interrupted_at_) {
      measured.window = std::clamp(*interrupted_at_ - frame.start, Duration::zero(), job_.duration);
    } else if (count_reached || job_.duration == kNever) {
      measured.window = std::max(measured.published.last - frame.start, Duration::zero());
    } else {
      measured.window = job_.duration;
    }
    measured.figures = std::max(measured.window - job_.plan.warmup, Duration::zero());
  }

  void set_evidence(Measured& measured) const {
    Evidence& evidence = measured.evidence;
    evidence.open_loop = job_.arrivals.has_value();
    evidence.lateness_p99 = measured.published.lateness.quantile(0.99);
    evidence.response_p50 = measured.published.publish_time.quantile(0.5);
    evidence.scheduled = measured.published.totals.scheduled;
    evidence.overdue = measured.published.overdue;
  }

  void set_backlog(Measured& measured) const {
    if (!job_.plan.backlog) return;
    Backlog backlog{.built = measured.published.totals.ok,
                    .build = published_at_ - shared_.frame.start};
    for (const Consumed& group : measured.groups) {
      backlog.drain = std::max(backlog.drain, group.last - published_at_);
    }
    measured.backlog = backlog;
  }

  const Job job_;
  std::unique_ptr<Store> store_;
  Shared shared_;
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::unique_ptr<Desk> desk_;
  std::vector<std::unique_ptr<QueueWorker>> workers_;
  std::latch gate_;         // opened when the backlog stands
  TimePoint published_at_;  // written before all_published
  std::mutex mutex_;
  std::condition_variable over_;
  bool ended_ = false;                       // guarded by mutex_
  std::optional<TimePoint> interrupted_at_;  // guarded by mutex_ until the threads are joined
  std::thread publishing_;
  std::thread consuming_;
};

Run::Run(std::unique_ptr<Threads> threads) : threads_{std::move(threads)} {}
Run::~Run() = default;

Result<std::unique_ptr<Run>> Run::start(Job job, std::unique_ptr<Store> store) {
  auto threads = std::make_unique<Threads>(std::move(job), std::move(store));
  if (auto opened = threads->open(); !opened) return std::unexpected(opened.error());
  threads->begin();
  return std::unique_ptr<Run>{new Run{std::move(threads)}};
}

bool Run::wait_for(Duration limit) { return threads_->wait_for(limit); }
void Run::interrupt() { threads_->interrupt(); }
std::uint64_t Run::published() const noexcept { return threads_->published(); }
std::uint64_t Run::consumed() const { return threads_->consumed(); }
Measured Run::finish() { return threads_->finish(); }

}  // namespace headgate::load::messages
