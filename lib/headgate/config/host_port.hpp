// Where something listens, as text: hosts and ports in configs, flags and URLs. No name is looked
// up here; that is for whoever connects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"

namespace headgate::config {

/// A numeric address or a name, and a port: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
struct HostPort {
  std::string host;  ///< without brackets; in lower case
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// An http URL. There is no user, and no fragment.
struct Url {
  std::string text;  ///< as written
  HostPort address;  ///< the port is 80 if the text names none
  std::string path;  ///< with query; "/" if the text names none
};

// Each fails with kInvalidArgument; `where` is the text and `why` shows the right form.

/// `HOST:PORT` with a port of 0 to 65535.
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);
/// The same where a socket is to be opened: HOST is a literal address or `localhost`, as a name may
/// have several addresses and another one tomorrow.
[[nodiscard]] Result<HostPort> parse_bind(std::string_view text);
/// `http://HOST[:PORT][/PATH][?QUERY]`.
[[nodiscard]] Result<Url> parse_url(std::string_view text);
/// The same of another scheme, `https://`, with the port that it has if none is written. Requires:
/// `text` starts with `scheme`.
[[nodiscard]] Result<Url> parse_url(std::string_view text, std::string_view scheme,
                                    std::uint16_t port);

/// `127.0.0.1:8080`, `[::1]:8080`.
[[nodiscard]] std::string to_text(const HostPort& address);

}  // namespace headgate::config
