// How a family of policies (limiters, balancers) describes itself. One list per family is read by
// the config reader, the JSON schema, `--help`, the documents and the error messages, so that a
// policy that exists is known everywhere and one that does not is known nowhere.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"

namespace headgate {

/// What may stand as the value of an option; the written forms are those of core/text.hpp.
enum class ValueKind {
  kCount,     ///< `100`, `2M`
  kDuration,  ///< `10ms`
  kRate,      ///< `100/s`
  kBytes,     ///< `16KiB`
  kShare,     ///< `5%`
  kNumber,    ///< `1.25`
  kText,      ///< free text
  kChoice,    ///< one of `choices`
  kKey,       ///< one key part of ratelimit/key.hpp, or a list of them
};

struct OptionInfo {
  std::string_view name;
  ValueKind kind = ValueKind::kText;
  std::string_view fallback = {};  ///< used when left out; empty: the option is required
  std::string_view doc = {};       ///< one clause: meaning and range
  std::span<const std::string_view> choices = {};
};

struct CatalogEntry {
  std::string_view name;                ///< as written in a config
  std::string_view summary;             ///< one line
  std::string_view guarantee;           ///< what it promises, as a bound where it has one
  std::span<const OptionInfo> options;  ///< its own; those that a family shares are listed once
  std::string_view source;              ///< paper, RFC or "folklore"
  std::string_view cost = {};           ///< of one decision, and memory: "O(1), 8 bytes a caller"
};

/// The entry called `name`. Fails with kInvalidConfig at `where`; the error lists what there is,
/// nearest first.
[[nodiscard]] Result<const CatalogEntry*> find_entry(std::span<const CatalogEntry> catalog,
                                                     std::string_view where, std::string_view name);

}  // namespace headgate
