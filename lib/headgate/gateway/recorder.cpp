#include "headgate/gateway/recorder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include "headgate/bus/event.hpp"
#include "headgate/gateway/access_log.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::gateway {
namespace {

constexpr std::size_t kSpareMax = 16;
constexpr std::size_t kSpareBytesMax = 1U << 20;

std::int64_t wall_offset_ns() noexcept {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Duration>(wall).count() -
         net::EventLoop::fresh_now().time_since_epoch().count();
}

std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15U];
  return text;
}

/// 64 bits that tell this run from all others.
std::string random_id() {
  std::random_device entropy;
  return hex((std::uint64_t{entropy()} << 32) | entropy());
}

}  // namespace

Recorder::Recorder(const Snapshot& snapshot, Stores& stores, net::Fd log)
    : snapshot_(snapshot), stores_(stores), log_(std::move(log)), run_id_(random_id()) {
  for (const RouteEntry& route : snapshot.routes()) publishes_.push_back(!route.publish.empty());
  wall_offset_ns_ = wall_offset_ns();
}

Result<std::unique_ptr<Recorder>> Recorder::start(const Snapshot& snapshot, Stores& stores) {
  net::Fd log;
  if (const std::string& path = snapshot.config().access_log; !path.empty()) {
    log = net::Fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
    if (!log.open()) return failed(Errc::kIo, path, strerrordesc_np(errno));
  }
  std::unique_ptr<Recorder> recorder{new Recorder(snapshot, stores, std::move(log))};
  recorder->thread_ = std::thread{[&self = *recorder] { self.run(); }};
  return recorder;
}

Recorder::~Recorder() {
  {
    const std::scoped_lock lock{mutex_};
    ending_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Recorder::take(Batch& batch) {
  if (batch.empty()) return;
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_bytes_ + batch.bytes() > kWaitingBytesMax) {
      records_lost_ += batch.count();
      return batch.clear();
    }
    waiting_bytes_ += batch.bytes();
    waiting_.push_back(std::move(batch));
    batch = Batch{};
    if (!spare_.empty()) {
      batch = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  work_.notify_one();
}

void Recorder::flush() {
  std::unique_lock lock{mutex_};
  idle_.wait(lock, [this] { return waiting_.empty() && !writing_; });
}

void Recorder::run() {
  std::vector<Batch> batches;
  std::unique_lock lock{mutex_};
  while (true) {
    work_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::swap(batches, waiting_);
    waiting_bytes_ = 0;
    writing_ = true;
    lock.unlock();
    wall_offset_ns_.store(wall_offset_ns(), std::memory_order_relaxed);
    for (Batch& batch : batches) {
      write(batch);
      batch.clear();
    }
    lock.lock();
    for (Batch& batch : batches) {
      if (spare_.size() < kSpareMax && batch.capacity() <= kSpareBytesMax) {
        spare_.push_back(std::move(batch));
      }
    }
    batches.clear();
    writing_ = false;
    idle_.notify_all();
  }
}

void Recorder::write(const Batch& batch) {
  lines_buffer_.clear();
  batch.for_each([this](const Record& record, std::string_view path) {
    if (log_.open()) {
      append_line(lines_buffer_, snapshot_, record, path, wall_time(record.start));
    }
    if (record.answered && record.route != Record::kNone && publishes_[record.route]) {
      publish(record, path);
    }
  });
  if (log_.open()) write_lines(lines_buffer_, batch.count());
}

void Recorder::write_lines(std::string_view lines, std::uint64_t count) {
  const off_t before = lseek(log_.get(), 0, SEEK_END);
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t size = ::write(log_.get(), rest.data(), rest.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
  const bool failing = !rest.empty();
  if (failing) {
    const int error = errno;
    // Half a line would spoil the first one that is written when there is room again.
    if (before >= 0 && rest.size() < lines.size() && ftruncate(log_.get(), before) != 0) {
      [[maybe_unused]] const ssize_t newline = ::write(log_.get(), "\n", 1);
    }
    lines_lost_.add(count);
    if (!log_failing_) {
      std::fprintf(stderr, "access log: %s; lines are lost until it can be written\n",
                   strerrordesc_np(error));
    }
  } else {
    lines_.add(count);
    if (log_failing_) std::fprintf(stderr, "access log: is written again\n");
  }
  log_failing_ = failing;
}

void Recorder::publish(const Record& record, std::string_view path) {
  const bus::Event event = answered_event(snapshot_, record, path, wall_time(record.start),
                                          event_id(record.worker, record.number));
  for (const std::string& topic : snapshot_.routes()[record.route].publish) {
    stores_.bus().publish(topic, event, [events = events_](const auto& placed) {
      (placed ? events->published : events->lost).fetch_add(1, std::memory_order_relaxed);
    });
  }
}

std::string Recorder::event_id(std::uint16_t worker, std::uint64_t request) const {
  return run_id_ + "-" + std::to_string(worker) + "-" + std::to_string(request);
}

Recorder::Figures Recorder::figures() const {
  const std::scoped_lock lock{mutex_};
  return {.lines = lines_.value(),
          .lines_lost = lines_lost_.value(),
          .records_lost = records_lost_,
          .events_published = events_->published.load(std::memory_order_relaxed),
          .events_lost = events_->lost.load(std::memory_order_relaxed)};
}

}  // namespace headgate::gateway
