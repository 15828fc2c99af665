#include "headgate/load/ws_frame.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>

#include "headgate/core/base64.hpp"

namespace headgate::load {
namespace {

constexpr std::uint64_t kControlMax = 125;

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

void append_big_endian(std::string& out, std::uint64_t number, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) out += static_cast<char>((number >> (8 * i)) & 0xff);
}

}  // namespace

std::optional<WsHead> read_ws_head(std::string_view input) noexcept {
  if (input.size() < 2) return std::nullopt;
  const std::uint8_t first = byte_at(input, 0);
  const std::uint8_t second = byte_at(input, 1);
  WsHead head{.opcode = static_cast<WsOpcode>(first & 0x0f),
              .last = (first & 0x80) != 0,
              .length = second & 0x7fU,
              .size = 2};
  const std::size_t extra = head.length == 126 ? 2 : head.length == 127 ? 8 : 0;
  if (input.size() < 2 + extra) return std::nullopt;
  if (extra > 0) head.length = 0;
  for (std::size_t i = 0; i < extra; ++i) head.length = head.length << 8 | byte_at(input, 2 + i);
  head.size += extra;
  const int opcode = first & 0x0f;
  const bool control = opcode >= 8;
  head.sound = (first & 0x70) == 0 && (second & 0x80) == 0 && opcode <= 10 &&
               (opcode <= 2 || control) && (!control || (head.last && head.length <= kControlMax));
  return head;
}

void append_ws_frame(std::string& out, WsOpcode opcode, std::string_view payload,
                     std::uint32_t mask) {
  out += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(0x80 | 126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(0x80 | 127);
    append_big_endian(out, payload.size(), 8);
  }
  append_big_endian(out, mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const auto key = static_cast<std::uint8_t>(mask >> (8 * (3 - i % 4)));
    out += static_cast<char>(byte_at(payload, i) ^ key);
  }
}

std::string ws_accept(std::string_view key) {
  const std::string text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64_encode(std::as_bytes(std::span{digest}.first(size)));
}

}  // namespace headgate::load
