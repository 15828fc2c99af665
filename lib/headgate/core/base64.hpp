// Bytes as text in base64 (RFC 4648 section 4): the standard alphabet, padded.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate {

/// 4 characters for every 3 bytes begun.
[[nodiscard]] std::string base64_encode(std::span<const std::byte> bytes);

/// The bytes of `text`. Strict: no blanks, padding required, unused bits zero, so that every byte
/// string has exactly one text. Fails with kInvalidArgument.
[[nodiscard]] Result<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace headgate
