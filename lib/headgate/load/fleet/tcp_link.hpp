// The bus without a broker: the coordinator listens, every agent has one connection to it, and an
// event is a line. Blocking writes with a limit, reads by poll; a handful of agents needs no more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headgate/load/fleet/link.hpp"
#include "headgate/net/address.hpp"
#include "headgate/net/fd.hpp"

namespace headgate::load::fleet {

/// One connection and the part of a line that has come.
struct Wire {
  net::Fd fd;
  std::string partial = {};
};

/// The coordinator's end: what it publishes goes to all, what comes is from any.
class TcpHub final : public Link {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Link>> listen(const net::Address& address);
  explicit TcpHub(net::Fd listener) : listener_{std::move(listener)} {}

  Result<void> publish(const News& news) override;
  Result<std::vector<News>> next(Duration wait) override;
  [[nodiscard]] std::string address() const override;

 private:
  net::Fd listener_;
  std::vector<Wire> wires_;
};

/// An agent's end; connects when there is somebody, and again.
class TcpMember final : public Link {
 public:
  explicit TcpMember(const net::Address& address) : address_{address} {}

  /// Fails with kUnavailable while nobody listens.
  Result<void> publish(const News& news) override;
  Result<std::vector<News>> next(Duration wait) override;
  [[nodiscard]] std::string address() const override { return "tcp:" + address_.to_text(); }

 private:
  bool connected();

  net::Address address_;
  std::unique_ptr<Wire> wire_;
};

}  // namespace headgate::load::fleet
