#include "headgate/gateway/affinity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace headgate::gateway {
namespace {

constexpr std::size_t kIdDigits = 16;

/// `00c0ffee00c0ffee`, all of it; else 0, which is nobody's.
std::uint64_t parse_id(std::string_view text) noexcept {
  if (text.size() != kIdDigits) return 0;
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  return error == std::errc{} && end == text.data() + text.size() ? id : 0;
}

}  // namespace

Result<Affinity> Affinity::make(const balance::Spec& spec) {
  Affinity affinity;
  affinity.cookie_ = spec.sticky;
  if (!balance::reads_key(spec)) return affinity;
  if (spec.key.size() > kKeyPartsMax) {
    return failed(Errc::kInvalidConfig, "key", "has more than 8 parts");
  }
  for (const std::string& written : spec.key) {
    Result<ratelimit::KeyPart> part = ratelimit::parse_key_part(written);
    if (!part) return std::unexpected(part.error());
    affinity.key_.push_back(*std::move(part));
  }
  if (affinity.key_.empty()) {
    affinity.key_.push_back({.source = ratelimit::KeySource::kClientIp, .header = {}});
  }
  return affinity;
}

balance::Call Affinity::call(const Caller& caller, TimePoint now) const noexcept {
  balance::Call call{.now = now};
  if (!key_.empty()) call.key = ratelimit::key_of(KeyTexts{caller, key_}.all(), 0);
  if (!cookie_.empty()) call.sticky = target_in_cookie(caller.fields, cookie_);
  return call;
}

std::string Affinity::cookie_line(std::uint64_t id) const {
  if (cookie_.empty()) return {};
  return fmt::format("Set-Cookie: {}={:016x}; Path=/; HttpOnly; SameSite=Lax\r\n", cookie_, id);
}

std::uint64_t target_in_cookie(const http::Fields& fields, std::string_view name) noexcept {
  if (!fields.has(http::FieldId::kCookie)) return 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const http::Field field = fields[i];
    if (field.id != http::FieldId::kCookie) continue;
    // RFC 6265 section 4.2.1: pairs with "; " between them; blanks are taken as they come.
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = http::trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.size() == name.size() + 1 + kIdDigits && pair.starts_with(name) &&
          pair[name.size()] == '=') {
        return parse_id(pair.substr(name.size() + 1));
      }
    }
  }
  return 0;
}

}  // namespace headgate::gateway
