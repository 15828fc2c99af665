// How the generators of one run speak to each other: CloudEvents over a Kafka topic, or, on one
// machine and in small networks, over TCP to the coordinator, which then is the bus itself (one
// event a line, both ways). Nobody needs the past: whoever joins says so until it is called.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::load::fleet {

/// One thing said, an event of the type `headgate.load.KIND`.
struct News {
  /// hello, plan, ready, failed, ping, pong, start, beat, seconds, result, stop
  std::string kind = {};
  std::string run = {};     ///< which run it is about; empty: none yet
  std::string agent = {};   ///< who says it, or to whom it is said; empty: the coordinator, to all
  std::string data = "{}";  ///< a JSON object
  friend bool operator==(const News&, const News&) = default;
};

enum class Role : std::uint8_t { kCoordinator, kAgent };

/// One thread at a time.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  [[nodiscard]] virtual Result<void> publish(const News& news) = 0;
  /// What the other side has said since; waits up to `wait` for the first. What is no news is
  /// skipped.
  [[nodiscard]] virtual Result<std::vector<News>> next(Duration wait) = 0;
  /// How to join, as a flag says it; with the real port where 0 was asked for.
  [[nodiscard]] virtual std::string address() const = 0;
};

/// `kafka:HOST:PORT[/TOPIC]` (topic headgate-load) or `tcp:HOST:PORT`, where the coordinator
/// listens and agents connect, also before it is there. Fails with kInvalidArgument for any other
/// text, kUnavailable if no broker answers or the port is taken.
[[nodiscard]] Result<std::unique_ptr<Link>> join(std::string_view bus, Role role);

/// The event of `news` as one line of JSON, and back. Fails as bus::decode, or with
/// kInvalidArgument for an event of another type.
[[nodiscard]] std::string to_line(const News& news);
[[nodiscard]] Result<News> from_line(std::string_view line);

/// The longest line; a result is cut into parts far below it.
inline constexpr std::size_t kLineMax = std::size_t{1} << 20;

}  // namespace headgate::load::fleet
