#include "headgate/kafka/producer.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <bit>
#include <utility>

namespace headgate::kafka {
namespace {

using messaging::AppendDone;

void* to_opaque(std::uint64_t id) noexcept {
  return std::bit_cast<void*>(static_cast<std::uintptr_t>(id));
}

rd_kafka_headers_t* to_headers(const messaging::Headers& headers) {
  rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
  for (const auto& [name, value] : headers) {
    rd_kafka_header_add(list, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  return list;
}

rd_kafka_vu_t vu(rd_kafka_vtype_t type) noexcept {
  rd_kafka_vu_t value{};
  value.vtype = type;
  return value;
}

rd_kafka_vu_t bytes(rd_kafka_vtype_t type, const std::string& text) noexcept {
  rd_kafka_vu_t value = vu(type);
  value.u.mem = {.ptr = const_cast<char*>(text.data()), .size = text.size()};  // F_COPY: only read
  return value;
}

}  // namespace

Settings common_settings(const ClientOptions& options) {
  return {{"bootstrap.servers", options.bootstrap},
          {"client.id", "headgate"},
          {"socket.nagle.disable", "true"},  // the default costs 40 ms on small requests
          {"reconnect.backoff.max.ms", "1000"},
          {"log_level", "0"}};  // what matters comes as an answer to whoever asked
}

int produce(rd_kafka_s* handle, const std::string& topic, const messaging::Record& record,
            std::uint64_t id) {
  std::array<rd_kafka_vu_t, 8> parts{};
  parts[0] = vu(RD_KAFKA_VTYPE_TOPIC);
  parts[0].u.cstr = topic.c_str();
  parts[1] = vu(RD_KAFKA_VTYPE_PARTITION);
  parts[1].u.i32 = 0;
  parts[2] = vu(RD_KAFKA_VTYPE_MSGFLAGS);
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3] = bytes(RD_KAFKA_VTYPE_VALUE, record.value);
  parts[4] = vu(RD_KAFKA_VTYPE_TIMESTAMP);
  parts[4].u.i64 = std::chrono::duration_cast<std::chrono::milliseconds>(record.timestamp).count();
  parts[5] = vu(RD_KAFKA_VTYPE_OPAQUE);
  parts[5].u.ptr = to_opaque(id);
  parts[6] = bytes(RD_KAFKA_VTYPE_KEY, record.key);
  std::size_t count = 7;
  rd_kafka_headers_t* headers = nullptr;
  if (!record.headers.empty()) {
    headers = to_headers(record.headers);
    parts[count] = vu(RD_KAFKA_VTYPE_HEADERS);
    parts[count++].u.headers = headers;
  }
  rd_kafka_error_t* error = rd_kafka_produceva(handle, parts.data(), count);
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  if (headers != nullptr) rd_kafka_headers_destroy(headers);  // taken over only by success
  const int code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  return code;
}

Result<std::unique_ptr<Producer>> Producer::make(const ClientOptions& options) {
  Settings settings = common_settings(options);
  settings.emplace_back("enable.idempotence", "true");
  settings.emplace_back("linger.ms", std::to_string(to_milliseconds(options.linger)));
  settings.emplace_back("message.timeout.ms",
                        std::to_string(to_milliseconds(options.message_timeout)));
  settings.emplace_back("queue.buffering.max.messages", std::to_string(options.waiting_max));
  auto handle = make_handle(Role::kProducer, settings);
  if (!handle) return std::unexpected(std::move(handle.error()));
  return std::unique_ptr<Producer>(new Producer(std::move(*handle)));
}

Producer::Producer(Handle handle) : handle_(std::move(handle)) {
  events_ = std::make_unique<EventThread>(handle_.get(),
                                          [this](rd_kafka_op_s* event) { on_event(event); });
}

Producer::~Producer() {
  events_.reset();
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (auto& [id, done] : std::exchange(waiting_, {})) {
    done(failed(Errc::kUnavailable, "kafka", "the producer was closed before the answer came"));
  }
}

void Producer::append(std::string_view topic, const messaging::Record& record, AppendDone done) {
  std::uint64_t id = 0;
  {
    // The answer may come before produce() returns, so the callback is in its place before.
    const std::scoped_lock lock{mutex_};
    id = next_id_++;
    waiting_.emplace(id, std::move(done));
  }
  const std::string name{topic};
  const int code = produce(handle_.get(), name, record, id);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) take(id)(std::unexpected(to_error(code, name)));
}

AppendDone Producer::take(std::uint64_t id) {
  const std::scoped_lock lock{mutex_};
  return std::move(waiting_.extract(id).mapped());
}

void Producer::on_event(rd_kafka_op_s* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_DR) return;
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    AppendDone done = take(std::bit_cast<std::uintptr_t>(message->_private));
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      done(static_cast<std::uint64_t>(message->offset));
    } else {
      done(std::unexpected(to_error(message->err, rd_kafka_topic_name(message->rkt))));
    }
  }
}

Result<void> Producer::flush(Duration deadline) {
  const auto code = rd_kafka_flush(handle_.get(), to_milliseconds(deadline));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return failed(Errc::kTimeout, "kafka", "appends are still unanswered");
}

}  // namespace headgate::kafka
