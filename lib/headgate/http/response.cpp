#include "headgate/http/response.hpp"

namespace headgate::http {

std::expected<Response, Reason> examine(const ResponseHead& head, Method asked) noexcept {
  const std::expected<Framing, Reason> body = response_framing(head, asked);
  if (!body) return std::unexpected(body.error());
  const Connection connection = read_connection(head.fields);
  if (connection.refused != Reason::kNone) return std::unexpected(connection.refused);
  return Response{.body = *body,
                  .interim = head.status < 200,
                  .persistent = !connection.close && body->kind != Framing::Kind::kUntilClose &&
                                (head.minor > 0 || connection.keep_alive),
                  .nominates = connection.nominates};
}

}  // namespace headgate::http
