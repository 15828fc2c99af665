#include "headgate/redis/script.hpp"

#include <array>

#include "headgate/core/hash.hpp"

namespace headgate::redis {
namespace {

// A plan is what a limit would do: {taken, first, second, value to store, microseconds to live}.
// Numbers are printed with %.0f, as tostring would round them to 14 digits. Microseconds to live
// are rounded up to milliseconds and one more: a key must not vanish before it is as good as none.
constexpr std::string_view kScript = R"(local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at = 0
local function number()
  at = at + 1
  return tonumber(ARGV[at])
end

local function stored(key)
  local text = redis.call('GET', key)
  if not text then return 0, 0 end
  local first, second = string.match(text, '^(%d+) (%d+)$')
  return tonumber(first), tonumber(second)
end

local function pair(first, second)
  return string.format('%.0f %.0f', first, second)
end

local function add(us, parts, more_us, more_parts, radix)
  us, parts = us + more_us, parts + more_parts
  if parts >= radix then us, parts = us + 1, parts - radix end
  return us, parts
end

local function bucket(key)
  local radix, offers = number(), number()
  local us, parts = stored(key)
  if us < now then us, parts = now, 0 end
  local plan = {0, us, parts}
  for offer = 1, offers do
    local price_us, price_parts = number(), number()
    local ahead_us, ahead_parts = number(), number()
    local gap = us - now - ahead_us
    if plan[1] == 0 and (gap < 0 or gap == 0 and parts <= ahead_parts) then
      local new_us, new_parts = add(us, parts, price_us, price_parts, radix)
      plan = {offer, us, parts, pair(new_us, new_parts), new_us + 1 - now}
    end
  end
  return plan
end

local function give_back(key)
  local radix, back_us, back_parts = number(), number(), number()
  local us, parts = stored(key)
  local new_us, new_parts = us - back_us - 1, parts - back_parts + radix
  if new_parts >= radix then new_us, new_parts = new_us + 1, new_parts - radix end
  if new_us < now then return {1, us, parts, false} end
  return {1, us, parts, pair(new_us, new_parts), new_us + 1 - now}
end

local function window(key)
  local limit, length, cost = number(), number(), number()
  local finish, spent = stored(key)
  local fresh = finish <= now
  if fresh then finish, spent = 0, 0 end
  local plan = {0, finish, spent}
  if spent + cost <= limit then
    local new = finish
    if fresh then new = now + length - now % length end
    plan = {1, finish, spent, pair(new, spent + cost), new - now}
  end
  return plan
end

local kinds = {bucket, give_back, window}
local plans, all = {}, true
for i, key in ipairs(KEYS) do
  plans[i] = kinds[number()](key)
  all = all and plans[i][1] > 0
end
local answer = {now}
for i, key in ipairs(KEYS) do
  local plan = plans[i]
  if all and plan[4] then
    local ttl = string.format('%.0f', math.floor(plan[5] / 1000) + 2)
    redis.call('SET', key, plan[4], 'PX', ttl)
  elseif all then
    redis.call('DEL', key)
  end
  for part = 1, 3 do answer[#answer + 1] = plan[part] end
end
return answer
)";

constexpr std::size_t kTextMax = 128;
constexpr std::size_t kTextKept = 64;

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 15];
}

}  // namespace

std::string_view script() noexcept { return kScript; }

void append_call(std::string& out, std::string_view sha, const Call& call) {
  std::vector<std::string> numbers;
  numbers.reserve(call.numbers.size() + 1);
  numbers.push_back(std::to_string(call.keys.size()));
  for (const std::int64_t number : call.numbers) numbers.push_back(std::to_string(number));
  std::vector<std::string_view> words{"EVALSHA", sha, numbers.front()};
  words.insert(words.end(), call.keys.begin(), call.keys.end());
  words.insert(words.end(), numbers.begin() + 1, numbers.end());
  append_command(out, words);
}

Result<std::vector<ratelimit::SharedSight>> sights_of(const Reply& reply, std::size_t limits) {
  const auto bad = [] { return failed(Errc::kCorrupt, "redis", "gave no answer of our script"); };
  if (reply.kind != Reply::Kind::kList || reply.items.size() != 1 + 3 * limits) return bad();
  for (const Reply& item : reply.items) {
    if (item.kind != Reply::Kind::kInteger) return bad();
  }
  std::vector<ratelimit::SharedSight> sights;
  sights.reserve(limits);
  for (std::size_t i = 0; i < limits; ++i) {
    sights.push_back({.now_us = reply.items[0].integer,
                      .taken = reply.items[1 + 3 * i].integer,
                      .first = reply.items[2 + 3 * i].integer,
                      .second = reply.items[3 + 3 * i].integer});
  }
  return sights;
}

std::string key_name(std::string_view limit, std::span<const std::string_view> caller) {
  std::string text;
  for (const std::string_view part : caller) {
    text.append(std::to_string(part.size())).append(":").append(part);
  }
  std::string name{limit};
  if (text.size() <= kTextMax) return name + text;
  name.append(text, 0, kTextKept).append("#");
  append_hex(name, hash64(text, 1));
  append_hex(name, hash64(text, 2));
  return name;
}

}  // namespace headgate::redis
