// A real Apache Kafka broker for a test: started on loopback with data of its own, killed and
// started again on demand, stopped when the test ends.
#pragma once

#include <stdexcept>
#include <string>

#include "support/process.hpp"

namespace headgate::test {

class KafkaBroker {
 public:
  KafkaBroker() { start(); }
  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;
  ~KafkaBroker() { static_cast<void>(call("kill")); }

  /// Starts it, or starts it again on the same ports and data; returns when it answers.
  void start() {
    const Ended ended = call("up");
    if (ended.exit_code != 0) throw std::runtime_error("no broker: " + ended.err);
    bootstrap_ = ended.out.substr(ended.out.find(' ') + 1);
    bootstrap_.erase(bootstrap_.find_last_not_of('\n') + 1);
  }
  /// Ends it as a power cut would.
  void kill() { static_cast<void>(call("kill")); }
  [[nodiscard]] const std::string& bootstrap() const noexcept { return bootstrap_; }

 private:
  Ended call(const std::string& verb) {
    return run({std::string{HG_SOURCE_DIR} + "/tests/support/kafka/broker", verb, dir_.path()},
               Milliseconds{180'000});
  }

  TempDir dir_;
  std::string bootstrap_;
};

}  // namespace headgate::test
