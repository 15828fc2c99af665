#include "headgate/load/upstream.hpp"

#include <unistd.h>

#include <array>
#include <deque>
#include <numeric>
#include <thread>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/canned.hpp"
#include "headgate/load/request_reader.hpp"
#include "headgate/load/station.hpp"
#include "headgate/net/channel.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/net/listener.hpp"
#include "headgate/net/mailbox.hpp"

namespace headgate::load {
namespace {

class UpstreamConnection;

/// What all connections share: the queue, the dice and the canned responses. One thread.
class Counter {
 public:
  explicit Counter(const UpstreamOptions& options)
      : takes_time_{options.time.has_value()},
        time_{options.time.value_or(arrival::Distribution{})},
        station_{options.workers},
        service_random_{Random::stream(options.seed, "upstream", 0, "service")},
        status_random_{Random::stream(options.seed, "upstream", 0, "status")},
        bad_request_{make_canned(400, 0, true)} {
    for (const StatusShare& share : options.statuses) {
      kinds_.push_back({.weight = share.weight,
                        .status = share.status,
                        .served = 0,
                        .open = make_canned(share.status, options.size.count, false),
                        .close = make_canned(share.status, options.size.count, true)});
      weight_sum_ += share.weight;
    }
  }

  [[nodiscard]] bool takes_time() const noexcept { return takes_time_; }
  /// When the request that is complete at `now` will be served.
  [[nodiscard]] TimePoint serve(TimePoint now) {
    return station_.serve(now, time_.sample(service_random_));
  }
  /// The response to the next request.
  [[nodiscard]] const Canned& answer(bool close) {
    Kind& kind = kinds_.size() == 1 ? kinds_.front() : draw();
    ++kind.served;
    return close ? kind.close : kind.open;
  }
  /// The answers of one turn of one connection; empty in between.
  [[nodiscard]] std::string& gathered() noexcept { return gathered_; }
  [[nodiscard]] const Canned& bad_request() {
    ++refused_;
    return bad_request_;
  }
  [[nodiscard]] UpstreamCounts counts() const {
    UpstreamCounts counts;
    counts.refused = refused_;
    for (const Kind& kind : kinds_) counts.statuses[kind.status] += kind.served;
    return counts;
  }

 private:
  struct Kind {
    std::uint32_t weight;
    int status;
    std::uint64_t served;
    Canned open;
    Canned close;
  };

  Kind& draw() noexcept {
    std::uint64_t point = status_random_.below(weight_sum_);
    std::size_t i = 0;
    while (point >= kinds_[i].weight) point -= kinds_[i++].weight;
    return kinds_[i];
  }

  bool takes_time_;
  arrival::Distribution time_;
  Station station_;
  Random service_random_;
  Random status_random_;
  std::vector<Kind> kinds_;
  std::uint64_t weight_sum_ = 0;
  Canned bad_request_;
  std::string gathered_;
  std::uint64_t refused_ = 0;
};

/// Who keeps the connections.
class Keeper {
 public:
  virtual void ended(UpstreamConnection& connection) noexcept = 0;

 protected:
  ~Keeper() = default;
};

/// One client. Answers leave in the order of the requests, each at its time or when the one before
/// it has left, whichever is later; those that are due at once leave in one write. While the client
/// does not read, nothing more is answered, and soon nothing more is read.
class UpstreamConnection final : public net::ChannelHandler {
 public:
  UpstreamConnection(net::EventLoop& loop, Counter& counter, Keeper& keeper, net::Fd socket,
                     const net::TlsContext* tls)
      : loop_{loop},
        counter_{counter},
        keeper_{keeper},
        channel_{loop, *this},
        timer_{loop.timers(), net::callback<&UpstreamConnection::on_due>(this)} {
    channel_.accept(std::move(socket), tls);
  }

  std::size_t index = 0;  ///< its place with the keeper

 private:
  /// A request that was read, and when its answer is due.
  struct Waiting {
    TimePoint done;
    bool head_only;
    bool close;
  };

  /// All that was answered has been taken by the kernel.
  [[nodiscard]] bool has_room() const noexcept {
    return body_left_ == 0 && channel_.pending() == 0;
  }
  [[nodiscard]] bool takes_requests() const noexcept {
    return waiting_.size() < kPipelineMax && has_room();
  }

  void on_input(net::Channel& /*channel*/) override {
    while (!last_read_ && takes_requests()) {
      const RequestReader::Step step = reader_.read(channel_.input());
      if (step.event == RequestReader::Event::kRefused) return refuse();
      channel_.consume(step.used);
      if (step.event == RequestReader::Event::kRequest) take_request();
      // 100 would overtake answers still to come; the client sends unasked after a while.
      if (step.event == RequestReader::Event::kContinue && waiting_.empty()) {
        write("HTTP/1.1 100 Continue\r\n\r\n");
      }
      if (step.event == RequestReader::Event::kNeedMore) {
        last_read_ = channel_.input_ended();  // who half-closes still gets the answers it is owed
        break;
      }
    }
    release();
    go_on();
  }

  void take_request() {
    const bool close = !reader_.persistent();
    if (close) last_read_ = true;
    if (!counter_.takes_time() && waiting_.empty()) return answer(reader_.is_head(), close);
    const TimePoint done = counter_.takes_time() ? counter_.serve(loop_.now()) : loop_.now();
    waiting_.push_back({.done = done, .head_only = reader_.is_head(), .close = close});
  }

  void refuse() {
    last_read_ = true;
    write(counter_.bad_request().text);
    release();
    channel_.finish();
  }

  void on_due(TimePoint now) noexcept {
    while (!waiting_.empty() && waiting_.front().done <= now && has_room()) {
      const Waiting next = waiting_.front();
      waiting_.pop_front();
      answer(next.head_only, next.close);
    }
    release();
    go_on();
  }

  /// What comes next: the next answer's time, the end, or more requests.
  void go_on() {
    if (body_left_ > 0) return channel_.pause_reading();  // until on_drained
    if (!waiting_.empty() && has_room()) timer_.arm(waiting_.front().done);
    if (last_read_ && waiting_.empty()) return channel_.finish();
    if (!takes_requests()) return channel_.pause_reading();
    if (waiting_.size() < kPipelineMax / 2) channel_.resume_reading();
  }

  void answer(bool head_only, bool close) {
    const Canned& canned = counter_.answer(close);
    if (head_only) return write(std::string_view{canned.text}.substr(0, canned.head_size));
    write(canned.text);
    body_left_ = canned.body_left;
    if (body_left_ == 0) return;
    release();
    send_body();
  }

  /// To be sent by `release`, or before if it is a lot.
  void write(std::string_view bytes) {
    std::string& gathered = counter_.gathered();
    if (gathered.size() + bytes.size() > kCannedBlock) release();
    gathered.append(bytes);
  }
  void release() {
    std::string& gathered = counter_.gathered();
    if (!gathered.empty()) channel_.send(gathered);
    gathered.clear();
  }

  /// As much of a large body as the kernel takes now.
  void send_body() {
    while (body_left_ > 0 && channel_.pending() == 0 && channel_.usable()) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, kCannedBlock));
      channel_.send(canned_block().substr(0, size));
      body_left_ -= size;
    }
  }

  void on_drained(net::Channel& /*channel*/) override {
    send_body();
    if (body_left_ == 0) on_due(loop_.now());
  }

  void on_closed(net::Channel& /*channel*/, net::CloseReason /*reason*/) override {
    keeper_.ended(*this);
  }

  net::EventLoop& loop_;
  Counter& counter_;
  Keeper& keeper_;
  net::Channel channel_;
  net::Timer timer_;  // at the time of the first of waiting_
  RequestReader reader_;
  std::deque<Waiting> waiting_;  // at most kPipelineMax
  std::uint64_t body_left_ = 0;  // of the large body that is being sent
  bool last_read_ = false;       // no request will be read any more
};

}  // namespace

class Upstream::Server final : public net::AcceptHandler, public Keeper {
 public:
  Server(const UpstreamOptions& options, net::Fd socket)
      : tls_{options.tls},
        counter_{options},
        mailbox_{loop_},
        listener_{loop_, std::move(socket), *this} {
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { stop(); }

  [[nodiscard]] const net::Address& address() const noexcept { return listener_.address(); }

  UpstreamCounts stop() {
    if (thread_.joinable()) {
      mailbox_.post([this] { loop_.stop(); });
      thread_.join();
      if (address().is_local()) unlink(std::string{address().path()}.c_str());
    }
    UpstreamCounts counts = counter_.counts();
    counts.connections = accepted_;
    return counts;
  }

 private:
  void on_accept(net::Fd connection, const net::Address& /*peer*/) override {
    ++accepted_;
    connections_.push_back(std::make_unique<UpstreamConnection>(loop_, counter_, *this,
                                                                std::move(connection), tls_.get()));
    connections_.back()->index = connections_.size() - 1;
  }

  void ended(UpstreamConnection& connection) noexcept override {
    const std::size_t hole = connection.index;
    std::swap(connections_[hole], connections_.back());
    connections_[hole]->index = hole;
    connections_.pop_back();
  }

  std::shared_ptr<const net::TlsContext> tls_;  // outlives the connections
  net::EventLoop loop_;
  Counter counter_;
  net::Mailbox mailbox_;
  net::Listener listener_;
  std::vector<std::unique_ptr<UpstreamConnection>> connections_;
  std::uint64_t accepted_ = 0;
  std::thread thread_;
};

Result<std::vector<StatusShare>> parse_status_mix(std::string_view text) {
  const auto wrong = [text] {
    return failed(Errc::kInvalidArgument, std::string{text},
                  "a status mix is 200, or STATUS:WEIGHT,… such as 200:99,503:1");
  };
  std::vector<StatusShare> mix;
  while (true) {
    const std::string_view part = text.substr(0, text.find(','));
    const std::size_t colon = part.find(':');
    const auto status = parse_count(part.substr(0, colon));
    const auto weight = colon == std::string_view::npos ? Result<std::int64_t>{1}
                                                        : parse_count(part.substr(colon + 1));
    if (!status || *status < 200 || *status > 599) return wrong();
    if (!weight || *weight < 1 || *weight > 1'000'000) return wrong();
    mix.push_back({static_cast<int>(*status), static_cast<std::uint32_t>(*weight)});
    if (part.size() == text.size()) return mix;
    text.remove_prefix(part.size() + 1);
  }
}

Upstream::Upstream(std::unique_ptr<Server> server) : server_{std::move(server)} {}
Upstream::~Upstream() = default;

Result<std::unique_ptr<Upstream>> Upstream::start(const UpstreamOptions& options) {
  HG_ASSERT(options.workers >= 1 && !options.statuses.empty());
  auto sockets = net::listen(options.bind);
  if (!sockets) return std::unexpected(sockets.error());
  return std::unique_ptr<Upstream>{
      new Upstream{std::make_unique<Server>(options, std::move(sockets->front()))}};
}

const net::Address& Upstream::address() const noexcept { return server_->address(); }
UpstreamCounts Upstream::stop() { return server_->stop(); }

}  // namespace headgate::load
