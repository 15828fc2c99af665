// Asks every target of a service at intervals whether it is well, and tells the service.
//
// Each check is a GET on a connection of its own, so it tests what a request needs: that the target
// accepts, reads, and answers in time. It runs on the control thread, apart from the data path: a
// gateway that is busy does not take its targets for sick. One check's answer decides nothing; a
// target changes sides after several in a row (HealthConfig), and starts out healthy, so that a
// gateway serves from its first moment. The first checks of a service's targets are spread over
// one interval: they do not come in step.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "headgate/config/gateway_config.hpp"
#include "headgate/net/address.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Boost's name
}

namespace headgate::gateway {

/// Counts the answers in a row that contradict what a target is held to be.
class HealthState {
 public:
  explicit HealthState(const config::HealthConfig& config) noexcept
      : healthy_after_(config.healthy_after), unhealthy_after_(config.unhealthy_after) {}

  /// What one check found. Returns whether the target has changed sides by it.
  bool record(bool passed) noexcept;
  [[nodiscard]] bool is_healthy() const noexcept { return healthy_; }

 private:
  std::uint32_t healthy_after_;
  std::uint32_t unhealthy_after_;
  std::uint32_t against_ = 0;  // answers in a row that contradict healthy_
  bool healthy_ = true;
};

/// Checks one target, from its start until it is destroyed. Lives on the thread of `context`.
class HealthChecker {
 public:
  struct Options {
    config::HealthConfig config;
    net::Address address;
    std::string authority;  ///< for the field Host
    Duration first_after{0};
  };
  /// Called on the thread of `context`, when the target has changed sides.
  using Report = std::function<void(bool healthy)>;

  HealthChecker(boost::asio::io_context& context, Options options, Report report);
  ~HealthChecker();
  HealthChecker(const HealthChecker&) = delete;
  HealthChecker& operator=(const HealthChecker&) = delete;

 private:
  class Probe;
  std::shared_ptr<Probe> probe_;  // shared with the operations under way
};

}  // namespace headgate::gateway
