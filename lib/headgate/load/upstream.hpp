// A test upstream whose behaviour is known exactly: a FIFO queue before a number of virtual workers
// with drawn service times, a mix of statuses, a body of fixed size. It stands behind gateways
// under test and is the truth that load generators and simulations are held against: with
// exponential service and Poisson arrivals its response times are those of an M/M/c queue.
//
// Service takes no processor time. When a request has been read, its completion is computed on
// paper (station.hpp) and the answer is sent by an exact timer at that time; without a service time
// it is sent at once. One thread, and little work in it: it has to be much cheaper than what it
// stands behind.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/net/address.hpp"
#include "headgate/net/tls_context.hpp"

namespace headgate::load {

struct StatusShare {
  int status = 200;          ///< 200 to 599
  std::uint32_t weight = 1;  ///< 1 or more: its part of all answers
  friend bool operator==(const StatusShare&, const StatusShare&) = default;
};

/// `200`, or a mix: `200:99,503:1`. Fails with kInvalidArgument.
[[nodiscard]] Result<std::vector<StatusShare>> parse_status_mix(std::string_view text);

struct UpstreamOptions {
  net::Address bind;                          ///< port 0: any free one
  std::optional<arrival::Distribution> time;  ///< of service; nothing: no queue, answer at once
  std::size_t workers = 1;                    ///< requests served at once; 1 or more
  Bytes size{1024};                           ///< of each body
  std::vector<StatusShare> statuses{{}};      ///< one or more
  std::uint64_t seed = 1;
  std::shared_ptr<const net::TlsContext> tls = {};  ///< null: none
};

/// What an upstream has answered.
struct UpstreamCounts {
  std::uint64_t connections = 0;
  std::uint64_t refused = 0;  ///< requests that were no HTTP/1.1, answered with 400
  std::map<int, std::uint64_t> statuses;
};

/// Requests of one connection that may wait for their answers; then it is read no further.
inline constexpr std::size_t kPipelineMax = 64;

class Upstream {
 public:
  /// Binds, and serves on a thread of its own when this returns. Fails as net::listen does.
  [[nodiscard]] static Result<std::unique_ptr<Upstream>> start(const UpstreamOptions& options);
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;
  ~Upstream();

  [[nodiscard]] const net::Address& address() const noexcept;
  /// Stops, closes every connection, and returns what was served. Call once.
  UpstreamCounts stop();

 private:
  class Server;
  explicit Upstream(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace headgate::load
