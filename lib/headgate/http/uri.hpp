// Request targets: the canonical path, computed once, then used for routing, policies and the
// upstream request alike. If those three could see different bytes, a rule on `/admin` could be
// passed by `/%61dmin`, `//admin` or `/x/../admin`.
//
// Canonical means: percent-encodings of unreserved characters are decoded (RFC 3986
// section 6.2.2.2), all others have upper-case digits, `.` and `..` segments are gone, runs of `/`
// are one `/`. What no form can make safe is refused: encoded `/ \ ; % ? #`, encoded controls, a
// `..` above the root.
#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "headgate/http/reason.hpp"

namespace headgate::http {

/// A target in its parts (RFC 9112 section 3.2).
struct Target {
  std::string_view path = {};       ///< raw, starts with '/'; or "*"; empty for `http://host`
  std::string_view query = {};      ///< with its '?', or empty
  std::string_view authority = {};  ///< of the absolute form, else empty
};

/// Refuses what is neither origin-form, absolute-form (http or https) nor "*".
[[nodiscard]] std::expected<Target, Reason> split_target(std::string_view target) noexcept;

/// The canonical form of a raw path. Returns `raw` itself if it is plainly canonical (then `out` is
/// not touched), else a view of `out`. Requires: out.size() >= raw.size(). `out` may be the bytes
/// of `raw` themselves. Idempotent. An empty path is "/". O(raw.size()).
[[nodiscard]] std::expected<std::string_view, Reason> canonical_path(std::string_view raw,
                                                                     std::span<char> out) noexcept;

}  // namespace headgate::http
