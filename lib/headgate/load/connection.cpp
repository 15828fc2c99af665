#include "headgate/load/connection.hpp"

#include "headgate/core/check.hpp"

namespace headgate::load {

/// The line to one target.
class Connection::Line final : public ExchangeHandler {
 public:
  Line(Connection& all, const Target& target)
      : exchange{make_exchange(all.loop_, target, *this)}, all_{all} {}

  std::unique_ptr<Exchange> exchange;

 private:
  void on_open(TimePoint now, const Opening& opening) override { all_.line_opened(now, opening); }
  void on_open_failed(TimePoint /*now*/, Failure failure) override { all_.line_failed(failure); }
  void on_sent(Slot slot, TimePoint now) override { all_.users_[slot]->on_sent(now); }
  void on_answer(Slot slot, TimePoint now, const Answer& answer) override {
    all_.users_[slot]->on_answer(now, answer);
  }
  void on_failure(Slot slot, TimePoint now, const Fault& fault) override {
    all_.users_[slot]->on_failure(now, fault);
  }
  void on_field(Slot slot, std::string_view name, std::string_view value) override {
    all_.users_[slot]->on_field(name, value);
  }
  void on_body(Slot slot, std::string_view piece) override { all_.users_[slot]->on_body(piece); }
  void on_bytes(std::size_t received) override {
    all_.recorder_.received(received, all_.loop_.now());
  }

  Connection& all_;
};

Connection::Connection(net::EventLoop& loop, const Job& job, Recorder& recorder,
                       OpeningWatcher& watcher)
    : loop_{loop}, recorder_{recorder}, watcher_{watcher} {
  lines_.reserve(job.targets().size());
  for (const Target& target : job.targets()) {
    lines_.push_back(std::make_unique<Line>(*this, target));
  }
}

Connection::~Connection() = default;

Slot Connection::add(SlotUser& user) {
  users_.push_back(&user);
  return static_cast<Slot>(users_.size() - 1);
}

void Connection::open() {
  for (const auto& line : lines_) {
    ++opening_;
    line->exchange->open();
  }
}

Exchange& Connection::line(std::uint32_t target) noexcept { return *lines_[target]->exchange; }

void Connection::line_opened(TimePoint now, const Opening& opening) {
  recorder_.connected(opening.connect, opening.tls);
  for (SlotUser* const user : users_) user->on_line(now);
  if (opening_ == 0) return;
  --opening_;
  watcher_.on_opened(std::nullopt);
}

void Connection::line_failed(Failure failure) {
  if (opening_ == 0) return;
  --opening_;
  watcher_.on_opened(failure);
}

}  // namespace headgate::load
