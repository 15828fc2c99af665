#include "headgate/messaging/record.hpp"

namespace headgate::messaging {

std::string_view to_text(Durability durability) noexcept {
  switch (durability) {
    case Durability::kMemory:
      return "memory";
    case Durability::kOs:
      return "os";
    case Durability::kDisk:
      return "disk";
  }
  return "unknown";
}

Result<Durability> parse_durability(std::string_view text) {
  for (const Durability each : {Durability::kMemory, Durability::kOs, Durability::kDisk}) {
    if (text == to_text(each)) return each;
  }
  return failed(Errc::kInvalidArgument, std::string{text}, "durability must be memory, os or disk");
}

std::size_t payload_bytes(const Record& record) noexcept {
  std::size_t bytes = record.key.size() + record.value.size();
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace headgate::messaging
