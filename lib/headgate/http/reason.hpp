// Why bytes were refused: one short id for each cause, the same in the answer's problem document,
// in the metrics and in the tests. A gateway counts by it; there are few enough for an array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headgate::http {

enum class Reason : std::uint8_t {
  kNone,  ///< nothing wrong
  // Bytes of a line.
  kBareLf,
  kBareCr,
  kNul,
  kControl,
  // The first line.
  kRequestLine,
  kMethod,
  kMethodUnknown,
  kMethodRefused,
  kTarget,
  kTargetLong,
  kVersion,
  kVersionUnsupported,
  kStatusLine,
  // Fields.
  kFieldName,
  kFieldColon,
  kFieldSpace,
  kFieldUnderscore,
  kObsFold,
  kFieldsMany,
  kHeadLarge,
  // Framing.
  kClTe,
  kClSyntax,
  kClMultiple,
  kClLarge,
  kTeNotChunked,
  kTeCoding,
  kTeMultiple,
  kTeVersion,
  // Host, connection, expectation.
  kHostMissing,
  kHostMultiple,
  kHostSyntax,
  kHostMismatch,
  kConnectionSyntax,
  kConnectionNominates,
  kExpect,
  // Path.
  kPathForm,
  kPathPercent,
  kPathDelimiter,
  kPathAboveRoot,
  // Chunked body.
  kChunkSize,
  kChunkLine,
  kChunkExtension,
  kChunkExtensionsLarge,
  kChunkDataEnd,
  kTrailerSyntax,
  kTrailersLarge,
  // Responses alone.
  kUpgradeUnasked,
  kCount  ///< how many there are; not a reason
};

inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kCount);

/// `CL-TE`, `BARE-LF`, …; empty for kNone. Static text.
[[nodiscard]] std::string_view id_of(Reason reason) noexcept;
/// `urn:headgate:refused:CL-TE`: the problem document's `type`. Static text.
[[nodiscard]] std::string_view type_of(Reason reason) noexcept;
/// One lower-case clause for people, for the problem document's `detail`. Static text.
[[nodiscard]] std::string_view describe(Reason reason) noexcept;
/// The status that answers a request refused for `reason`: 400, 405, 413, 414, 417, 431, 501 or
/// 505. (A response refused for any reason is answered with 502.) Requires: not kNone.
[[nodiscard]] int status_of(Reason reason) noexcept;

}  // namespace headgate::http
