// Reads requests off a connection and throws their bodies away: what a server needs that answers
// every request alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "headgate/http/chunked.hpp"
#include "headgate/http/framing.hpp"
#include "headgate/http/head_parser.hpp"

namespace headgate::load {

class RequestReader {
 public:
  enum class Event : std::uint8_t {
    kNeedMore,  ///< no whole request yet
    kContinue,  ///< the client waits for 100 Continue before it sends the body; go on reading
    kRequest,   ///< a request has been read to its last byte
    kRefused,   ///< bytes that are no HTTP/1.1 request; do not read on
  };
  struct Step {
    Event event = Event::kNeedMore;
    std::size_t used = 0;  ///< bytes off the front of the input that the caller must drop
  };

  /// Reads on. `input` starts at the first byte that was not used yet. After kRequest, is_head()
  /// and persistent() speak of that request until the next call. O(new bytes), no allocation.
  [[nodiscard]] Step read(std::string_view input) noexcept;

  [[nodiscard]] bool is_head() const noexcept { return is_head_; }
  /// The client wants the connection to stay.
  [[nodiscard]] bool persistent() const noexcept { return persistent_; }

 private:
  [[nodiscard]] Step read_head(std::string_view input) noexcept;
  [[nodiscard]] Step read_body(std::string_view input) noexcept;
  void start_body(const http::Framing& framing) noexcept;

  http::RequestParser parser_;
  http::ChunkedDecoder chunks_;
  std::uint64_t body_left_ = 0;
  bool in_body_ = false;
  bool chunked_ = false;
  bool is_head_ = false;
  bool persistent_ = true;
};

}  // namespace headgate::load
