// The bytes that Redis speaks (RESP 2), both ways, by hiredis' own writer and reader. No socket:
// whoever has one carries the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::redis {

/// What Redis answers to one command.
struct Reply {
  enum class Kind : std::uint8_t { kText, kInteger, kNil, kList, kError };
  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string
      text;  ///< of kText (a bulk or a status) and kError, which starts with a code in capitals
  std::vector<Reply> items;

  /// Whether it is an error with this code: `NOSCRIPT No matching script` has NOSCRIPT.
  [[nodiscard]] bool is_error(std::string_view code) const noexcept;
};

/// Appends the command `words` to `out`. Words may hold any byte. Requires: at least one word.
void append_command(std::string& out, std::span<const std::string_view> words);

/// Cuts a stream of bytes into replies.
class ReplyReader {
 public:
  ReplyReader();

  /// Takes a copy of `bytes`.
  void feed(std::string_view bytes);
  /// The next whole reply; nothing until more is fed. Fails with kCorrupt on bytes that are no
  /// RESP; from then on until `reset` it always fails.
  [[nodiscard]] Result<std::optional<Reply>> next();
  /// Starts over, for a new connection.
  void reset();

 private:
  struct Free {
    void operator()(void* reader) const noexcept;
  };
  std::unique_ptr<void, Free> reader_;  // hiredis' redisReader
};

}  // namespace headgate::redis
