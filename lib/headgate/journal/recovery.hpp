// What opening a journal finds, and what it does about it.
//
// The frames are walked from the first to the place where no valid one stands. What lies behind:
//   nothing        the log ends there;
//   bytes that no frame attests   the unfinished end of a crash: whole frames or parts of them that
//                  were never answered for (durability disk), or that the power cut took (os). They
//                  are overwritten with zeros, so that none of them can come back later, and
//                  reported;
//   a frame that attests the place   the disk had it once and has it no more: acknowledged data is
//                  damaged. Nothing is changed and the journal does not open.
// The same walk, without the repair, serves readers. Cost: one pass over the files.
#pragma once

#include <cstdint>
#include <string>

#include "headgate/core/result.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/index.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/journal/vfs.hpp"
#include "headgate/journal/walker.hpp"

namespace headgate::journal {

struct Recovered {
  Index index;
  RecoveryReport report;
  std::uint64_t identity = 0;
  Position end;                    ///< where the next frame goes; all before it is on the disk
  std::uint64_t bytes_before = 0;  ///< in the segments before the one of `end`
};

/// Recovers the journal in `directory` for writing. Fails with kNotFound if there is none,
/// kCorrupt, kIo. Requires: the directory's lock.
[[nodiscard]] Result<Recovered> recover(Vfs& vfs, const std::string& directory);

/// Feeds every frame from walker.at() on to `index`, up to the first place without a valid one.
/// Returns the kind of the last frame; kData if there was none.
[[nodiscard]] Result<FrameKind> take_frames(Walker& walker, Index& index);

/// Fails with kCorrupt, at `stop`, if a frame behind `stop` attests it.
[[nodiscard]] Result<Remainder> check_remainder(Vfs& vfs, const std::string& directory,
                                                Position stop);

}  // namespace headgate::journal
