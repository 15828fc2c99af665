// Who a limit counts: the parts of a request that make one caller, and the 64-bit key they fold to.
// The gateway and the simulator fold the same texts the same way, so they share every collision
// too.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/hash.hpp"
#include "headgate/core/result.hpp"

namespace headgate::ratelimit {

enum class KeySource : std::uint8_t {
  kClientIp,  ///< the peer's address, or what trusted proxies say of it
  kConsumer,  ///< whose API key it is, else the client's address: see consumers.hpp
  kHeader,    ///< the value of a header field
  kRoute,     ///< the name of the route
  kService,   ///< the name of the service
  kGlobal,    ///< everyone is one caller
};

struct KeyPart {
  KeySource source = KeySource::kClientIp;
  std::string header;  ///< of kHeader: the field's name in lower case
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};

/// More than one part: callers that differ in any of them are different.
using KeySpec = std::vector<KeyPart>;

/// `client_ip`, `consumer`, `header:NAME`, `route`, `service`, `global`. Fails with kInvalidConfig
/// at "key".
[[nodiscard]] Result<KeyPart> parse_key_part(std::string_view text);
[[nodiscard]] std::string to_text(const KeyPart& part);

/// How much of a client's address is one caller, in bits from its start. One subscriber has a whole
/// /64 of IPv6 and could be 2^64 callers otherwise.
struct AddressPrefixes {
  std::int64_t ipv4 = 32;  ///< 1 to 32
  std::int64_t ipv6 = 64;  ///< 1 to 128
  friend bool operator==(const AddressPrefixes&, const AddressPrefixes&) = default;
};

/// Clears the bits of `address` (in network order) behind the first `prefix`: what is left names
/// the network. Requires: 0 <= prefix <= 8 * address.size().
void keep_prefix(std::span<std::uint8_t> address, std::int64_t prefix) noexcept;

/// Whether the key of any caller holds the client's address.
[[nodiscard]] bool reads_address(const KeySpec& key) noexcept;

/// The key of a caller: the texts of its parts, in the order of the KeySpec, folded under `seed`. A
/// header that a request lacks is the empty text, so all who lack it share one limit. The part
/// `consumer` is two texts (see consumer_texts). No allocation.
[[nodiscard]] inline std::uint64_t key_of(std::span<const std::string_view> parts,
                                          std::uint64_t seed) noexcept {
  std::uint64_t key = seed;
  for (const std::string_view part : parts) key = hash64(part, key);
  return mix64(key);
}

}  // namespace headgate::ratelimit
