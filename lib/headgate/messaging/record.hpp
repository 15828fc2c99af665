// What a topic holds: records, each at an offset that never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::messaging {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What a producer appends. Every part is bytes; nothing is interpreted.
struct Record {
  std::string key;
  std::string value;
  Headers headers;       ///< in the producer's order; names may repeat
  Duration timestamp{};  ///< wall-clock time since 1970-01-01T00:00:00Z, given by the producer

  friend bool operator==(const Record&, const Record&) = default;
};

/// A record in its place. Offsets of one topic count up from 0, without a gap except where the
/// store keeps marks of its own between records (Kafka).
struct StoredRecord {
  std::uint64_t offset = 0;
  Record record;

  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};

/// What has to be true before an append is answered.
enum class Durability {
  kMemory,  ///< in this process; lost when it ends
  kOs,      ///< in the operating system's cache; lost when the machine loses power
  kDisk,    ///< on the disk, which was told to write it out (fdatasync)
};

/// `memory`, `os` or `disk`.
[[nodiscard]] std::string_view to_text(Durability durability) noexcept;
/// Fails with kInvalidArgument, naming the three.
[[nodiscard]] Result<Durability> parse_durability(std::string_view text);

/// The bytes of a record that count against limits: key, value, header names and values.
[[nodiscard]] std::size_t payload_bytes(const Record& record) noexcept;

}  // namespace headgate::messaging
