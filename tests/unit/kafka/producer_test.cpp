// The producer and the reader against librdkafka's mock cluster, for what a healthy broker never
// does. The mock keeps 5 MiB per partition and knows no transactions: nothing here needs either.
#include "headgate/kafka/producer.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "headgate/kafka/reader.hpp"

namespace headgate::kafka {
namespace {

using namespace std::chrono_literals;
using messaging::Record;

class MockCluster {
 public:
  MockCluster() : handle_(make_handle(Role::kProducer, {{"log_level", "0"}}).value()) {
    cluster_ = rd_kafka_mock_cluster_new(handle_.get(), 1);
    rd_kafka_mock_topic_create(cluster_, "t", 1, 1);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster() { rd_kafka_mock_cluster_destroy(cluster_); }

  [[nodiscard]] std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void refuse_next(rd_kafka_resp_err_t code) {
    constexpr int kProduce = 0;
    rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, code);
  }
  void set_down() { rd_kafka_mock_broker_set_down(cluster_, 1); }

 private:
  Handle handle_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

Result<std::uint64_t> append(Producer& producer, const std::string& value) {
  std::promise<Result<std::uint64_t>> answer;
  producer.append("t", {.key = {}, .value = value, .headers = {}, .timestamp = 5ms},
                  [&answer](Result<std::uint64_t> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

TEST_CASE("kafka producer: each append is answered with its own offset") {
  MockCluster cluster;
  const auto producer = Producer::make({.bootstrap = cluster.bootstrap()}).value();
  CHECK(append(*producer, "a").value() == 0);
  CHECK(append(*producer, "b").value() == 1);
  const auto reader = Reader::make({.bootstrap = cluster.bootstrap()}).value();
  const auto records = reader->read("t", 0, {});
  REQUIRE(records);
  REQUIRE(records->size() == 2);
  CHECK(records->at(1).record.value == "b");
  CHECK(records->at(1).record.timestamp == 5ms);
}

TEST_CASE("kafka producer: a refusal that may pass is tried again and loses nothing") {
  MockCluster cluster;
  const auto producer = Producer::make({.bootstrap = cluster.bootstrap()}).value();
  cluster.refuse_next(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  CHECK(append(*producer, "a").value() == 0);
}

TEST_CASE("kafka producer: an append that no broker takes fails after its time, once") {
  MockCluster cluster;
  const auto producer =
      Producer::make({.bootstrap = cluster.bootstrap(), .message_timeout = 1500ms}).value();
  REQUIRE(append(*producer, "a"));
  cluster.set_down();
  const auto answer = append(*producer, "b");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::kTimeout);
  CHECK(answer.error().where == "t");
}

TEST_CASE("kafka producer: what is unanswered when it closes is told so") {
  MockCluster cluster;
  cluster.set_down();
  std::promise<Result<std::uint64_t>> answer;
  {
    const auto producer = Producer::make({.bootstrap = cluster.bootstrap()}).value();
    producer->append("t", {},
                     [&answer](Result<std::uint64_t> result) { answer.set_value(result); });
    CHECK_FALSE(producer->flush(10ms));
  }
  CHECK(answer.get_future().get().error().code == Errc::kUnavailable);
}

TEST_CASE("kafka: a property that librdkafka refuses is named") {
  const auto handle = make_handle(Role::kProducer, {{"acks", "some"}});
  REQUIRE_FALSE(handle);
  CHECK(handle.error().code == Errc::kInvalidConfig);
  CHECK(handle.error().where == "acks");
}

}  // namespace
}  // namespace headgate::kafka
