// Reads one response off a connection and throws its body away, keeping what decides the outcome.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "headgate/http/chunked.hpp"
#include "headgate/http/framing.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/load/outcome.hpp"

namespace headgate::load {

/// (begin read* [ended])*.
class ResponseReader {
 public:
  enum class Event : std::uint8_t {
    kNeedMore,
    kResponse,  ///< read to its last byte; answer() and persistent() speak of it
    kRefused,   ///< bytes that are no HTTP/1.1 response, or a body framed in two ways
  };
  struct Step {
    Event event = Event::kNeedMore;
    std::size_t used = 0;  ///< bytes off the front of the input that the caller must drop
  };

  /// Who wants more of a response than its status.
  class Listener {
   public:
    virtual void on_field(std::string_view name, std::string_view value) = 0;
    virtual void on_body(std::string_view piece) = 0;

   protected:
    ~Listener() = default;
  };

  /// Expects the response to a request; `to_head`: whose method was HEAD. `listener` hears its
  /// fields and body; null: nobody does.
  void begin(bool to_head, Listener* listener = nullptr) noexcept;
  /// Reads on. `input` starts at the first byte that was not used yet. Interim responses (1xx) are
  /// skipped. O(new bytes), no allocation.
  [[nodiscard]] Step read(std::string_view input) noexcept;
  /// The stream has ended: whether that was the end of the response too.
  [[nodiscard]] bool ended() const noexcept { return in_body_ && until_close_; }
  /// Any byte of the response has been used.
  [[nodiscard]] bool started() const noexcept { return started_; }

  [[nodiscard]] const Answer& answer() const noexcept { return answer_; }
  [[nodiscard]] bool persistent() const noexcept { return persistent_; }

 private:
  /// What a head says of its response.
  struct Said {
    Answer answer;
    http::Framing framing;
    bool persistent = true;
  };
  /// The last head and what it said. A server says the same most of the time, and equal bytes in
  /// answer to the same method mean the same: they need not be read again.
  struct Known {
    static constexpr std::size_t kSizeMax = 384;
    std::array<char, kSizeMax> bytes;
    std::size_t size = 0;  ///< 0: none is known
    http::Method asked = http::Method::kGet;
    Said said;

    [[nodiscard]] bool starts(std::string_view input, http::Method method) const noexcept {
      return size != 0 && asked == method && input.starts_with({bytes.data(), size});
    }
    void keep(std::string_view head, http::Method method, const Said& what) noexcept;
  };

  [[nodiscard]] Step read_head(std::string_view input) noexcept;
  void begin_body(const Said& said) noexcept;
  [[nodiscard]] Step read_body(std::string_view input) noexcept;
  void tell_fields();
  void tell_body(std::string_view piece) {
    if (listener_ != nullptr && !piece.empty()) listener_->on_body(piece);
  }

  http::ResponseParser parser_;
  http::ChunkedDecoder chunks_;
  Known known_;
  Answer answer_;
  std::uint64_t body_left_ = 0;
  http::Method asked_ = http::Method::kGet;
  Listener* listener_ = nullptr;
  bool in_body_ = false;
  bool chunked_ = false;
  bool until_close_ = false;
  bool started_ = false;
  bool persistent_ = true;
};

}  // namespace headgate::load
