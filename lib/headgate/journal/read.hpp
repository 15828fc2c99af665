// Reading records of one topic out of the frames; shared by the writer's process and the readers'.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/vfs.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::journal {

/// What to read: offsets [from, end) of a topic, as far as `limits` go.
struct ReadRequest {
  std::uint32_t topic = 0;
  std::uint64_t from = 0;
  std::uint64_t end = 0;
  messaging::ReadLimits limits;
};

/// A frame from which a scan meets that offset of the topic; called again to pass over frames of
/// other topics.
using Locate = std::function<Position(std::uint64_t offset)>;

/// Every checksum on the way is verified. Fails with kCorrupt or kIo.
[[nodiscard]] Result<std::vector<messaging::StoredRecord>> read_records(
    Vfs& vfs, const std::string& directory, const ReadRequest& request, const Locate& locate);

}  // namespace headgate::journal
