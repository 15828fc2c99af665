// The URLs of a load plan's targets.
#include <algorithm>
#include <array>

#include "headgate/config/load_plan.hpp"

namespace headgate::config {
namespace {

/// `unix:SOCKET`, `unix:SOCKET:/PATH`: the form of nginx.
Result<LoadTarget> unix_target(std::string_view url) {
  constexpr std::size_t kSocketMax = 107;
  const std::string_view rest = url.substr(5);
  const std::size_t colon = std::min(rest.find(":/"), rest.size());
  const std::string_view path = rest.substr(std::min(colon + 1, rest.size()));
  const auto is_path_char = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
  if (!rest.starts_with('/') || colon > kSocketMax || !std::ranges::all_of(path, is_path_char)) {
    return failed(Errc::kInvalidArgument, std::string{url},
                  "must be unix:/SOCKET or unix:/SOCKET:/PATH, such as unix:/run/app.sock:/orders; "
                  "a socket's path has at most 107 bytes");
  }
  LoadTarget target;
  target.url = url;
  target.scheme = LoadScheme::kUnix;
  target.socket = rest.substr(0, colon);
  target.path = path.empty() ? "/" : std::string{path};
  return target;
}

struct Known {
  std::string_view text;
  LoadScheme scheme;
  std::uint16_t port;
};
constexpr std::array<Known, 4> kSchemes{{{"http://", LoadScheme::kHttp, 80},
                                         {"https://", LoadScheme::kHttps, 443},
                                         {"ws://", LoadScheme::kWs, 80},
                                         {"wss://", LoadScheme::kWss, 443}}};

}  // namespace

Result<LoadTarget> parse_target(std::string_view url) {
  if (url.starts_with("unix:")) return unix_target(url);
  const auto known = std::ranges::find_if(
      kSchemes, [url](const Known& scheme) { return url.starts_with(scheme.text); });
  if (known == kSchemes.end()) {
    return failed(Errc::kInvalidArgument, std::string{url},
                  "must be a URL such as http://127.0.0.1:9001; https://, ws://, wss:// and "
                  "unix:/SOCKET are spoken too");
  }
  Result<Url> parsed = parse_url(url, known->text, known->port);
  if (!parsed) return std::unexpected(parsed.error());
  LoadTarget target;
  target.url = std::move(parsed->text);
  target.scheme = known->scheme;
  target.address = std::move(parsed->address);
  target.path = std::move(parsed->path);
  return target;
}

std::string host_field(const LoadTarget& target) {
  if (target.scheme == LoadScheme::kUnix) return "localhost";
  const bool v6 = target.address.host.contains(':');
  std::string host = v6 ? "[" + target.address.host + "]" : target.address.host;
  const bool secure = target.scheme == LoadScheme::kHttps || target.scheme == LoadScheme::kWss;
  if (target.address.port == (secure ? 443 : 80)) return host;
  return host + ":" + std::to_string(target.address.port);
}

}  // namespace headgate::config
