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
};

}  // namespace headgate::load
