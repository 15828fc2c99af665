#include "headgate/http/request.hpp"

#include <span>

#include "headgate/http/uri.hpp"

namespace headgate::http {
namespace {

/// The bytes of `view` as they may be written: it lies in the buffer at `buffer`.
std::span<char> writable(char* buffer, const RequestHead& head, std::string_view view) noexcept {
  if (view.empty()) return {};
  return {buffer + (view.data() - head.fields.base()), view.size()};
}

/// Host is there once (HTTP/1.0 may leave it out), and is the absolute target's if there is one.
Reason read_authority(const RequestHead& head, const Target& target, Request& request) noexcept {
  const std::size_t count = head.fields.count(FieldId::kHost);
  if (count > 1) return Reason::kHostMultiple;
  if (count == 0 && head.minor > 0) return Reason::kHostMissing;
  request.authority = count == 1 ? head.fields.value(FieldId::kHost) : target.authority;
  if (count == 0 && request.authority.empty()) return Reason::kNone;
  const std::optional<Authority> authority = parse_authority(request.authority);
  if (!authority) return Reason::kHostSyntax;
  if (!target.authority.empty() && !equal_ignoring_case(target.authority, request.authority)) {
    return Reason::kHostMismatch;
  }
  request.host = authority->host;
  return Reason::kNone;
}

Reason read_path(const RequestHead& head, const Target& target, char* buffer,
                 Request& request) noexcept {
  request.query = target.query;
  if (target.path == "*") {
    request.path = target.path;
    return head.method == Method::kOptions ? Reason::kNone : Reason::kPathForm;
  }
  const std::expected<std::string_view, Reason> path =
      canonical_path(target.path, writable(buffer, head, target.path));
  if (!path) return path.error();
  request.path = *path;
  return Reason::kNone;
}

Reason read_connection_and_expect(const RequestHead& head, Request& request) noexcept {
  const Connection connection = read_connection(head.fields);
  if (connection.refused != Reason::kNone) return connection.refused;
  request.nominates = connection.nominates;
  request.persistent = !connection.close && (head.minor > 0 || connection.keep_alive);
  if (!head.fields.has(FieldId::kExpect) || head.minor == 0) return Reason::kNone;
  if (head.fields.count(FieldId::kExpect) > 1 ||
      !equal_ignoring_case(head.fields.value(FieldId::kExpect), "100-continue")) {
    return Reason::kExpect;
  }
  request.expects_continue =
      request.body.kind == Framing::Kind::kChunked || request.body.length > 0;
  return Reason::kNone;
}

}  // namespace

std::expected<Request, Reason> examine(const RequestHead& head, char* buffer) noexcept {
  Request request{.method = head.method};
  const std::expected<Framing, Reason> body = request_framing(head);
  if (!body) return std::unexpected(body.error());
  request.body = *body;
  const std::expected<Target, Reason> target = split_target(head.target);
  if (!target) return std::unexpected(target.error());
  // The authority is compared as it came, so it is read before anything is rewritten.
  if (const Reason refused = read_authority(head, *target, request); refused != Reason::kNone) {
    return std::unexpected(refused);
  }
  if (const Reason refused = read_path(head, *target, buffer, request); refused != Reason::kNone) {
    return std::unexpected(refused);
  }
  if (const Reason refused = read_connection_and_expect(head, request); refused != Reason::kNone) {
    return std::unexpected(refused);
  }
  request.host = canonical_host(request.host, writable(buffer, head, request.host));
  return request;
}

}  // namespace headgate::http
