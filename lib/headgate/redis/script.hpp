// The script that decides in Redis: all limits of a decision in one call, so that nothing can come
// between looking and spending, and a refusal by one of them spends at none.
//
// The clock is Redis' own (TIME). Gateways' clocks differ, and a limit whose state meets several
// clocks admits `rate * difference` more than it says; one clock keeps the bound exact, whoever
// asks, and a key's expiry is measured by the same clock. A key lives until its limit is as good as
// new, then vanishes: an absent key is a fresh caller, nobody sweeps.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/ratelimit/shared_bucket.hpp"
#include "headgate/redis/resp.hpp"

namespace headgate::redis {

/// The Lua text.
[[nodiscard]] std::string_view script() noexcept;

/// A call of the script: one key for each limit, and the numbers of their questions, one question
/// behind the other in the order of the keys (see ratelimit/shared_limit.hpp).
struct Call {
  std::vector<std::string> keys;
  std::vector<std::int64_t> numbers;
};

/// Appends `EVALSHA sha …` for `call`. Requires: at least one key.
void append_call(std::string& out, std::string_view sha, const Call& call);

/// What the store saw of each limit, in the order of the keys. If each has `taken` > 0, all was
/// spent; else nothing was. Fails with kCorrupt if `reply` is no answer to a call with `limits`
/// keys.
[[nodiscard]] Result<std::vector<ratelimit::SharedSight>> sights_of(const Reply& reply,
                                                                    std::size_t limits);

/// The name of a caller's key: what stands for the limit, then the texts that make the caller, each
/// behind its length so that no two callers run together. Long ones are cut to 64 bytes of text and
/// 128 bits of hash: who controls a header does not control the memory of Redis.
[[nodiscard]] std::string key_name(std::string_view limit,
                                   std::span<const std::string_view> caller);

}  // namespace headgate::redis
