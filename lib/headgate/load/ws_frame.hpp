// WebSocket frames as a client writes and reads them. Source: RFC 6455 section 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::load {

enum class WsOpcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

/// The head of a frame from a server.
struct WsHead {
  WsOpcode opcode = WsOpcode::kText;
  bool last = false;         ///< of its message
  bool sound = true;         ///< false: reserved bits, a mask, an unknown opcode, a long control
  std::uint64_t length = 0;  ///< of the payload
  std::size_t size = 0;      ///< of the head
};

/// The head at the start of `input`; nothing if it needs more bytes.
[[nodiscard]] std::optional<WsHead> read_ws_head(std::string_view input) noexcept;

/// Appends a whole message, or a control frame, masked with `mask`.
void append_ws_frame(std::string& out, WsOpcode opcode, std::string_view payload,
                     std::uint32_t mask);

/// What a server answers to `key` in Sec-WebSocket-Accept (section 4.2.2).
[[nodiscard]] std::string ws_accept(std::string_view key);

}  // namespace headgate::load
