// Who a request comes from, as limits see it: the texts that their keys are made of.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "headgate/gateway/client_name.hpp"
#include "headgate/http/fields.hpp"
#include "headgate/ratelimit/key.hpp"

namespace headgate::gateway {

/// What a limiter's key can be made of.
struct Caller {
  const ClientName& client;
  std::string_view consumer;  ///< its name; empty: a stranger
  std::string_view route;     ///< its name
  std::string_view service;   ///< its name; empty if the route has none
  const http::Fields& fields;
};

inline constexpr std::size_t kKeyPartsMax = 8;

/// The texts of a key's parts, in its order: views into the caller's, and into this.
class KeyTexts {
 public:
  /// Requires: `key` has at most kKeyPartsMax parts.
  KeyTexts(const Caller& caller, const ratelimit::KeySpec& key,
           const ratelimit::AddressPrefixes& prefixes = {}) noexcept;
  KeyTexts(const KeyTexts&) = delete;
  KeyTexts& operator=(const KeyTexts&) = delete;
  [[nodiscard]] std::span<const std::string_view> all() const noexcept {
    return std::span{texts_}.first(count_);
  }

 private:
  std::array<std::string_view, 2 * kKeyPartsMax> texts_{};  // a consumer has two
  std::size_t count_ = 0;
  ClientName::Text network_;  // of the client, if not the usual one
};

}  // namespace headgate::gateway
