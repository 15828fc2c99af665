#include "headgate/ratelimit/key.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::array kSources =
    std::to_array<std::pair<std::string_view, KeySource>>({{"client_ip", KeySource::kClientIp},
                                                           {"consumer", KeySource::kConsumer},
                                                           {"route", KeySource::kRoute},
                                                           {"service", KeySource::kService},
                                                           {"global", KeySource::kGlobal}});
constexpr std::string_view kHeaderPrefix = "header:";

/// RFC 9110 section 5.6.2: the characters of a field name, here without the capital letters.
bool is_token_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.contains(c);
}

}  // namespace

Result<KeyPart> parse_key_part(std::string_view text) {
  const auto* found =
      std::ranges::find(kSources, text, &std::pair<std::string_view, KeySource>::first);
  if (found != kSources.end()) return KeyPart{.source = found->second, .header = {}};
  if (text.starts_with(kHeaderPrefix)) {
    std::string name{text.substr(kHeaderPrefix.size())};
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (name.empty() || !std::ranges::all_of(name, is_token_char)) {
      return failed(Errc::kInvalidConfig, "key", "header:NAME needs the name of a header field");
    }
    return KeyPart{.source = KeySource::kHeader, .header = std::move(name)};
  }
  std::array<std::string_view, kSources.size() + 1> names{"header:NAME"};
  std::ranges::transform(kSources, names.begin() + 1,
                         &std::pair<std::string_view, KeySource>::first);
  std::string why = "'" + std::string{text} + "' is no part of a request";
  const std::string_view nearest = nearest_word(text, names);
  if (!nearest.empty()) why.append("; did you mean '").append(nearest).append("'?");
  return failed(Errc::kInvalidConfig, "key",
                why + "; there are: client_ip, consumer, header:NAME, route, service, global");
}

std::string to_text(const KeyPart& part) {
  if (part.source == KeySource::kHeader) return std::string{kHeaderPrefix} + part.header;
  const auto* found =
      std::ranges::find(kSources, part.source, &std::pair<std::string_view, KeySource>::second);
  return std::string{found->first};
}

void keep_prefix(std::span<std::uint8_t> address, std::int64_t prefix) noexcept {
  HG_ASSERT(prefix >= 0 && std::cmp_less_equal(prefix, 8 * address.size()));
  for (std::uint8_t& byte : address) {
    const std::int64_t kept = std::clamp<std::int64_t>(prefix, 0, 8);
    byte = static_cast<std::uint8_t>(byte & (0xff00U >> kept));
    prefix -= kept;
  }
}

bool reads_address(const KeySpec& key) noexcept {
  return std::ranges::any_of(key, [](const KeyPart& part) {
    // A stranger, whom no API key names, is known by the address.
    return part.source == KeySource::kClientIp || part.source == KeySource::kConsumer;
  });
}

}  // namespace headgate::ratelimit
