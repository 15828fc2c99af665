// Any text in the place of an event: what is read can be written, and is then read as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "headgate/bus/event.hpp"

using namespace headgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto event = bus::decode(text);
  if (!event) return 0;
  const auto line = bus::encode(*event);
  if (!line) {
    // The one thing that cannot be written: base64 of something that calls itself JSON and is not.
    if (line.error().where != "/data") std::abort();
    return 0;
  }
  if (line->find('\n') != std::string::npos || bus::decode(*line) != *event) std::abort();
  return 0;
}
