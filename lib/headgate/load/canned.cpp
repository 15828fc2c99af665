#include "headgate/load/canned.hpp"

#include <fmt/format.h>

#include "headgate/http/status.hpp"

namespace headgate::load {

std::string_view canned_block() {
  static const std::string shared = [] {
    constexpr std::string_view kLine =
        "headgate loadgen serve: a body of known size and no meaning.\n";
    std::string block;
    while (block.size() < kCannedBlock) block += kLine;
    block.resize(kCannedBlock);
    return block;
  }();
  return shared;
}

Canned make_canned(int status, std::uint64_t size, bool close) {
  const bool has_body = status != 204 && status != 304;
  Canned canned;
  canned.text = fmt::format("HTTP/1.1 {} {}\r\n", status, http::reason_phrase(status));
  if (has_body) {
    canned.text += fmt::format("Content-Type: text/plain\r\nContent-Length: {}\r\n", size);
  }
  if (close) canned.text += "Connection: close\r\n";
  canned.text += "\r\n";
  canned.head_size = canned.text.size();
  if (!has_body) return canned;
  if (size <= kCannedBlock) {
    canned.text += canned_block().substr(0, size);
  } else {
    canned.body_left = size;
  }
  return canned;
}

}  // namespace headgate::load
