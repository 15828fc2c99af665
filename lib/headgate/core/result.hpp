// How the library reports failures that a caller can act on. Bugs are asserted, not returned.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace headgate {

enum class Errc {
  kInvalidArgument,  ///< what the caller or the user wrote
  kInvalidConfig,    ///< a document or a set of options that cannot be
  kNotFound,
  kUnavailable,  ///< a peer, a port, a broker that does not answer
  kTimeout,
  kOverloaded,
  kIo,       ///< the operating system said no; `why` has its words
  kNoSpace,  ///< a disk or a bounded store is full
  kCorrupt,  ///< stored bytes that cannot be what was written
};

/// A failure: what kind (for code), where and why (for people).
struct Error {
  Errc code = Errc::kInvalidArgument;
  std::string where;  ///< a JSON pointer, a host:port, a file — empty when the call says enough
  std::string why;    ///< one lower-case clause without a full stop: "rate must be at least 1"
};

template <class T>
using Result = std::expected<T, Error>;

/// `return failed(Errc::kInvalidConfig, "rate", "must be at least 1");`
[[nodiscard]] inline std::unexpected<Error> failed(Errc code, std::string where, std::string why) {
  return std::unexpected(Error{code, std::move(where), std::move(why)});
}

}  // namespace headgate
