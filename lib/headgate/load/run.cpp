#include "headgate/load/run.hpp"

#include <errno.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "headgate/load/open_pace.hpp"
#include "headgate/load/worker.hpp"

namespace headgate::load {
namespace {

constexpr Duration kConnectMax = std::chrono::seconds{5};
/// Between the decision to start and the first intended time: every thread must be awake by then.
constexpr Duration kLead = std::chrono::milliseconds{5};
/// A thread that has not said by then how far it is will not be waited for.
constexpr Duration kAnswerMax = std::chrono::milliseconds{200};

/// What the last connection that did not come up died of, and what can be done about it.
std::string fault_of(const std::vector<Target>& targets) {
  std::string fault;
  for (const Target& target : targets) {
    if (fault.empty()) fault = target.transport->fault();
  }
  if (fault.starts_with("the certificate ")) {
    fault += "; name its root with --cacert FILE, or take any with --insecure";
  }
  return fault;
}

std::string tls_fault_of(const std::vector<Target>& targets) {
  std::string fault;
  for (const Target& target : targets) {
    if (fault.empty()) fault = target.transport->tls_fault();
  }
  return fault;
}

}  // namespace

/// The threads and what they hand over: first how their connections came up, last what they saw.
class Run::Threads {
 public:
  explicit Threads(Job job) : job_{std::move(job)}, connected_{job_.threads} {
    const Duration spin = spin_of(job_, std::thread::hardware_concurrency());
    for (std::uint32_t i = 0; i < job_.threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(job_, i, spin));
    }
    opened_.resize(job_.threads);
    reports_.resize(job_.threads);
    running_ = job_.threads;
    for (std::uint32_t i = 0; i < job_.threads; ++i) threads_.emplace_back([this, i] { body(i); });
    connected_.wait();
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    if (!released_) release(std::nullopt);
    interrupt();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  [[nodiscard]] Opened opened() const {
    Opened sum;
    for (const Opened& opened : opened_) {
      sum.standing += opened.standing;
      if (opened.failure) sum.failure = opened.failure;
      if (opened.unprepared) sum.unprepared = opened.unprepared;
    }
    return sum;
  }

  /// Lets the threads go, to run from `start`, or to end if there is none.
  void release(std::optional<TimePoint> start) {
    released_ = true;
    if (start) start_ = *start;
    go_.set_value(start);
  }

  bool wait_for(Duration limit) {
    std::unique_lock lock{mutex_};
    return over_.wait_for(lock, limit, [this] { return running_ == 0; });
  }

  void interrupt() {
    const std::lock_guard lock{mutex_};
    if (running_ == 0 || interrupted_at_) return;
    interrupted_at_ = net::EventLoop::fresh_now();
    for (const auto& worker : workers_) worker->interrupt();
  }

  [[nodiscard]] std::uint64_t settled() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) sum += worker->settled();
    return sum;
  }

  [[nodiscard]] Duration elapsed() const noexcept { return net::EventLoop::fresh_now() - start_; }

  std::optional<Progress> progress(std::size_t first) {
    struct Answers {
      std::mutex mutex;
      std::condition_variable came;
      std::size_t count = 0;  // guarded by mutex
      Progress sum;           // guarded by mutex
    };
    // Shared: an answer may come after nobody waits for it any more.
    const auto answers = std::make_shared<Answers>();
    for (const auto& worker : workers_) {
      worker->observe(first, [answers](const Progress& progress) {
        const std::lock_guard lock{answers->mutex};
        answers->sum.merge(progress);
        ++answers->count;
        answers->came.notify_one();
      });
    }
    std::unique_lock lock{answers->mutex};
    const bool all =
        answers->came.wait_for(lock, kAnswerMax, [&] { return answers->count == workers_.size(); });
    return all ? std::optional{std::move(answers->sum)} : std::nullopt;
  }

  Measured finish() {
    for (std::thread& thread : threads_) thread.join();
    Measured measured{.tally = std::move(reports_.front().tally),
                      .window = {},
                      .connections = opened().standing,
                      .evidence = {.open_loop = job_.open_loop()},
                      .interrupted = interrupted_at_.has_value()};
    for (std::size_t i = 1; i < reports_.size(); ++i) measured.tally.merge(reports_[i].tally);
    Evidence& evidence = measured.evidence;
    for (const WorkerReport& report : reports_) {
      evidence.overdue += report.overdue;
      evidence.cpu_share_max = std::max(evidence.cpu_share_max, report.cpu_share);
    }
    const Tally& tally = measured.tally;
    tally.totals.check();
    evidence.scheduled = tally.totals.scheduled;
    evidence.disturbance = between(machine_before_, read_machine_clock());
    for (const ErrorCount& error : tally.errors) {
      if (error.error == EMFILE || error.error == ENFILE)
        evidence.out_of_descriptors += error.count;
      if (error.error == EADDRNOTAVAIL) evidence.out_of_ports += error.count;
    }
    evidence.lateness_p99 = tally.lateness.quantile(0.99);
    evidence.response_p50 = tally.response_time.quantile(0.5);
    measured.window = window_of(tally);
    if (tally.failures[static_cast<std::size_t>(Failure::kTlsFailed)] > 0) {
      measured.tls_fault = tls_fault_of(job_.targets());
    }
    return measured;
  }

 private:
  void body(std::uint32_t index) {
    opened_[index] = workers_[index]->connect(std::min(kConnectMax, job_.timeout));
    connected_.count_down();
    if (const auto start = start_of_run_.get()) reports_[index] = workers_[index]->run(*start);
    const std::lock_guard lock{mutex_};
    if (--running_ == 0) over_.notify_all();
  }

  /// As long as the schedule was; up to the last answer if a count ended it.
  [[nodiscard]] Duration window_of(const Tally& tally) const {
    const bool count_reached = job_.count && tally.totals.scheduled >= *job_.count;
    if (interrupted_at_) return std::min(*interrupted_at_ - start_, job_.duration);
    if (count_reached || job_.duration == kNever) return tally.last_settled - start_;
    return job_.duration;
  }

  Job job_;
  MachineClock machine_before_ = read_machine_clock();
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Opened> opened_;         // by thread; whole when connected_ is
  std::vector<WorkerReport> reports_;  // by thread; whole when it is joined
  std::latch connected_;
  std::promise<std::optional<TimePoint>> go_;
  std::shared_future<std::optional<TimePoint>> start_of_run_{go_.get_future()};
  std::mutex mutex_;
  std::condition_variable over_;
  std::uint32_t running_ = 0;                // threads; guarded by mutex_
  std::optional<TimePoint> interrupted_at_;  // guarded by mutex_ until the threads are joined
  TimePoint start_{};
  bool released_ = false;
  std::vector<std::thread> threads_;
};

Run::Run(std::unique_ptr<Threads> threads) : threads_{std::move(threads)} {}
Run::~Run() = default;

Result<std::unique_ptr<Run>> Run::start(Job job) {
  auto run = connect(std::move(job));
  if (run) (*run)->go(net::EventLoop::fresh_now() + kLead);
  return run;
}

Result<std::unique_ptr<Run>> Run::connect(Job job) {
  std::string where;
  for (const Target& target : job.targets()) {
    where += (where.empty() ? "" : ", ") + target.name;
  }
  const std::vector<Target> targets = job.targets();
  const std::uint64_t wanted =
      std::uint64_t{job.connections} * job.targets().size() + kDescriptorsSpare;
  if (const std::uint64_t had = raise_descriptor_limit(); had < wanted) {
    return failed(Errc::kInvalidArgument, "connections",
                  "need " + std::to_string(wanted) + " descriptors, and " + std::to_string(had) +
                      " are allowed: ulimit -n " + std::to_string(wanted));
  }
  auto threads = std::make_unique<Threads>(std::move(job));
  const Opened opened = threads->opened();
  if (opened.standing == 0) {
    if (!opened.failure) {
      return failed(Errc::kUnavailable, where,
                    "no connection can be made: no answer within the timeout");
    }
    return failed(Errc::kUnavailable, where, "no connection can be made: " + fault_of(targets));
  }
  if (opened.unprepared) {
    return failed(Errc::kUnavailable, where,
                  "a request before the run went wrong: " + *opened.unprepared);
  }
  return std::unique_ptr<Run>{new Run{std::move(threads)}};
}

void Run::go(TimePoint start) { threads_->release(start); }
bool Run::wait_for(Duration limit) { return threads_->wait_for(limit); }
void Run::interrupt() { threads_->interrupt(); }
std::uint64_t Run::settled() const noexcept { return threads_->settled(); }
Duration Run::elapsed() const noexcept { return threads_->elapsed(); }
std::optional<Progress> Run::progress(std::size_t first) { return threads_->progress(first); }
Measured Run::finish() { return threads_->finish(); }

}  // namespace headgate::load
