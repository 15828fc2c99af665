// Follows topics from given offsets on as records arrive: what a consumer is, where a Reader
// answers one question at a time. The client fetches ahead and long-polls, so a record is here as
// soon as the brokers give it out. No consumer group: who follows what is decided by who makes it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "headgate/kafka/producer.hpp"

namespace headgate::kafka {

/// One thread at a time.
class Follower {
 public:
  struct From {
    std::string topic;
    std::uint64_t offset = 0;
  };
  struct Got {
    std::size_t topic = 0;  ///< index of the list that it was made with
    messaging::StoredRecord stored;
  };

  /// Follows partition 0 of each topic; committed records only.
  [[nodiscard]] static Result<std::unique_ptr<Follower>> make(const ClientOptions& options,
                                                              const std::vector<From>& topics);
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  ~Follower();

  /// What has arrived, in order within each topic, at most `max`; waits up to `wait` for the first.
  /// Empty if nothing came, brokers away included: the client reconnects by itself.
  [[nodiscard]] Result<std::vector<Got>> next(std::size_t max, Duration wait);

 private:
  Follower(Handle handle, const std::vector<From>& topics);

  Handle handle_;
  Queue queue_;  // of the consumer
  std::map<std::string, std::size_t, std::less<>> indices_;
};

}  // namespace headgate::kafka
