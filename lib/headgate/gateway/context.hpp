// What the parts of one worker share: its loop, its pools, its counters, and the way out of them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "headgate/gateway/body_relay.hpp"
#include "headgate/gateway/counters.hpp"
#include "headgate/gateway/record.hpp"
#include "headgate/gateway/recorder.hpp"
#include "headgate/gateway/shared_desk.hpp"
#include "headgate/gateway/snapshot.hpp"
#include "headgate/gateway/stores.hpp"
#include "headgate/gateway/upstream.hpp"
#include "headgate/http/render.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/net/mailbox.hpp"
#include "headgate/ratelimit/fields.hpp"

namespace headgate::gateway {

/// Space for one head and one piece of body on their way out. Used within one call and not kept:
/// what the kernel does not take is copied by the stream.
struct Scratch {
  static constexpr std::size_t kFirstFieldsMax = 1024;
  std::array<char, http::kRenderedHeadMax> head;
  std::array<char, BodyRelay::scratch_size(net::kBufferSize)> body;
  std::array<char, kFirstFieldsMax + ratelimit::kFieldsMax> fields;  // that we add to an answer
};

/// The records of a worker on their way to the recorder, in batches.
class RecordSink {
 public:
  static constexpr Duration kDelayMax = std::chrono::milliseconds{50};
  static constexpr std::size_t kBatchBytesMax = std::size_t{256} * 1024;

  RecordSink(net::EventLoop& loop, Recorder& recorder)
      : loop_(loop), recorder_(recorder), due_(net::callback<&RecordSink::on_due>(this)) {}

  void add(const Record& record, std::string_view path, std::string_view query) {
    batch_.add(record, path, query);
    if (batch_.bytes() >= kBatchBytesMax) return recorder_.take(batch_);
    if (!due_.armed()) loop_.deadlines().arm(due_, loop_.now() + kDelayMax);
  }
  void flush() { recorder_.take(batch_); }

 private:
  void on_due(TimePoint /*now*/) noexcept { recorder_.take(batch_); }

  net::EventLoop& loop_;
  Recorder& recorder_;
  Batch batch_;
  net::Deadline due_;
};

struct Context {
  Context(const Snapshot& of, const Stores& into, Recorder& by, std::uint16_t number)
      : snapshot(of),
        stores(into),
        recorder(by),
        index(number),
        counters(of.routes().size(), of.target_count(), of.shared_groups().size()),
        mailbox(loop),
        upstreams(loop, of, counters),
        records(loop, by),
        shared(loop, of.shared_groups(), counters, mix64(of.seed() + number)),
        random(Random::stream(of.seed(), "worker", number)) {}

  const Snapshot& snapshot;
  const Stores& stores;
  Recorder& recorder;
  const std::uint16_t index;  // of the worker
  net::EventLoop loop;
  WorkerCounters counters;
  net::Mailbox mailbox;
  UpstreamPool upstreams;
  RecordSink records;
  SharedDesk shared;
  Random random;  // for what needs no repeating, such as the jitter of Retry-After
  std::uint64_t requests = 0;
  bool draining = false;
  std::unique_ptr<Scratch> scratch = std::make_unique<Scratch>();
};

}  // namespace headgate::gateway
