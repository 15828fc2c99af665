// A target made ready to run: where it is and what it speaks.
#pragma once

#include <cstdint>
#include <string>

#include "headgate/net/address.hpp"

namespace headgate::load {

enum class Protocol : std::uint8_t { kHttp1 };

struct Target {
  std::string name;  ///< its URL
  net::Address address;
  Protocol protocol = Protocol::kHttp1;
  std::uint32_t pipeline = 1;                 ///< requests that one connection may carry at once
  std::uint64_t requests_per_connection = 0;  ///< then it is closed; 0: it stays
};

}  // namespace headgate::load
