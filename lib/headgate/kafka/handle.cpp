#include "headgate/kafka/handle.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace headgate::kafka {
namespace {

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const noexcept { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

Errc kind_of(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return Errc::kNotFound;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return Errc::kOverloaded;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return Errc::kTimeout;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return Errc::kInvalidArgument;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return Errc::kCorrupt;
    default:
      return Errc::kUnavailable;
  }
}

}  // namespace

void HandleDeleter::operator()(rd_kafka_s* handle) const noexcept {
  // Leaving a group politely can hang when its coordinator is gone, and nothing here joins one.
  rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
void QueueDeleter::operator()(rd_kafka_queue_s* queue) const noexcept {
  rd_kafka_queue_destroy(queue);
}
void EventDeleter::operator()(rd_kafka_op_s* event) const noexcept {
  rd_kafka_event_destroy(event);
}

Result<Handle> make_handle(Role role, const Settings& settings) {
  std::array<char, 512> why{};
  Conf conf{rd_kafka_conf_new()};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
      return failed(Errc::kInvalidConfig, name, why.data());
    }
  }
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  const auto type = role == Role::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  Handle handle{rd_kafka_new(type, conf.get(), why.data(), why.size())};
  if (!handle) return failed(Errc::kInvalidConfig, "kafka", why.data());
  conf.release();  // NOLINT(bugprone-unused-return-value): the handle owns it now
  return handle;
}

int to_milliseconds(Duration duration) noexcept {
  constexpr std::int64_t kDay = 86'400'000;
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(count, 1, kDay));
}

Error to_error(int code, std::string where) {
  const auto kafka_code = static_cast<rd_kafka_resp_err_t>(code);
  return {
      .code = kind_of(kafka_code), .where = std::move(where), .why = rd_kafka_err2str(kafka_code)};
}

Error to_error(rd_kafka_error_s* error, std::string where) {
  Error result{.code = kind_of(rd_kafka_error_code(error)),
               .where = std::move(where),
               .why = rd_kafka_error_string(error)};
  rd_kafka_error_destroy(error);
  return result;
}

EventThread::EventThread(rd_kafka_s* handle, OnEvent on_event)
    : on_event_(std::move(on_event)),
      queue_(rd_kafka_queue_get_main(handle)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

EventThread::~EventThread() {
  thread_.request_stop();
  rd_kafka_queue_yield(queue_.get());
  thread_.join();
}

void EventThread::run(const std::stop_token& stop) {
  constexpr int kRecheckMs = 1000;  // the yield wakes it; this bounds the wait if one is missed
  while (!stop.stop_requested()) {
    const Event event{rd_kafka_queue_poll(queue_.get(), kRecheckMs)};
    if (event) on_event_(event.get());
  }
}

}  // namespace headgate::kafka
