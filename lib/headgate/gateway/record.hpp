// What is remembered of one request when it is over, for the access log and for events. A record is
// plain bytes: workers append them to a batch, and one thread of its own turns them into text.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/gateway/outcome.hpp"
#include "headgate/http/method.hpp"
#include "headgate/http/reason.hpp"
#include "headgate/net/address.hpp"

namespace headgate::gateway {

struct Record {
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  std::uint64_t number = 0;     ///< of this request in its worker, from 1
  TimePoint start{};            ///< the head was complete
  Duration total{};             ///< from start to the last byte handed to the system
  Duration upstream{};          ///< of it, from the request sent to the head of the answer
  std::uint64_t bytes_in = 0;   ///< of the request's body
  std::uint64_t bytes_out = 0;  ///< of the response's body
  net::Address client;
  std::string_view consumer;     ///< its name, in the snapshot; empty: a stranger
  std::uint32_t route = kNone;   ///< number in the snapshot
  std::uint32_t target = kNone;  ///< index in the route's service
  std::uint32_t path_size = 0;   ///< of path and query, which follow the record
  std::uint16_t worker = 0;
  std::uint16_t status = 0;  ///< sent to the client; 0: none was
  http::Method method = http::Method::kUnknown;
  Outcome outcome = Outcome::kForwarded;
  http::Reason reason = http::Reason::kNone;  ///< of kBadRequest and kUpstreamInvalid
  bool answered = false;                      ///< the client was given a whole answer
  bool reused = false;                        ///< the upstream connection had served before
  std::uint8_t attempts = 0;
};

static_assert(std::is_trivially_copyable_v<Record>);

/// Records, each followed by its path, in the bytes of one block.
class Batch {
 public:
  /// Allocates only while the batch grows beyond what it ever held.
  void add(Record record, std::string_view path, std::string_view query) {
    record.path_size = static_cast<std::uint32_t>(path.size() + query.size());
    const auto* bytes = reinterpret_cast<const char*>(&record);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof record);
    bytes_.insert(bytes_.end(), path.begin(), path.end());
    bytes_.insert(bytes_.end(), query.begin(), query.end());
    ++count_;
  }
  void clear() noexcept {
    bytes_.clear();
    count_ = 0;
  }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return bytes_.capacity(); }

  /// Calls `visit(record, path)` for each, in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t at = 0; at < bytes_.size();) {
      Record record;
      std::memcpy(&record, bytes_.data() + at, sizeof record);
      at += sizeof record;
      visit(record, std::string_view{bytes_.data() + at, record.path_size});
      at += record.path_size;
    }
  }

 private:
  std::vector<char> bytes_;
  std::size_t count_ = 0;
};

}  // namespace headgate::gateway
