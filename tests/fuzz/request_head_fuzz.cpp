// Any bytes as a request: what is read must not depend on how they arrive, and a request that is
// accepted and rendered for the upstream must be read there as the same request.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "../unit/http/reading.hpp"
#include "headgate/core/check.hpp"
#include "headgate/http/render.hpp"

namespace headgate::http {
namespace {

/// Pieces whose sizes are taken from `sizes`, over and over.
test::Pieces cut(std::string_view bytes, std::string_view sizes) {
  test::Pieces pieces;
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t size =
        sizes.empty() ? 1 : static_cast<unsigned char>(sizes[i % sizes.size()]);
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(pieces.back().size());
    if (size == 0 && i > 2 * sizes.size()) sizes = {};
  }
  return pieces;
}

void check_forwarded(std::string bytes) {
  RequestParser parser;
  if (parser.parse(bytes) != Progress::kDone) return;
  const auto request = examine(parser.head(), bytes.data());
  if (!request) return;
  std::string out(kRenderedHeadMax, '?');
  // Never wanting in room, whatever was accepted.
  const std::size_t size =
      render_request(parser.head(), *request, {.client = "::1", .via = "headgate"}, out);
  HG_ASSERT(size > 0);
  out.resize(size);
  RequestParser upstream;
  const Progress progress = upstream.parse(out);
  // Our own fields may push a head at the very limits over them.
  if (progress == Progress::kRefused) {
    HG_ASSERT(upstream.reason() == Reason::kFieldsMany || upstream.reason() == Reason::kHeadLarge);
    return;
  }
  HG_ASSERT(progress == Progress::kDone && upstream.head().size == size);
  const auto again = examine(upstream.head(), out.data());
  if (request->authority.empty()) return;  // from HTTP/1.0; HTTP/1.1 requires one to examine
  HG_ASSERT(again.has_value());
  HG_ASSERT(again->method == request->method && again->path == request->path);
  HG_ASSERT(again->query == request->query && again->host == request->host);
  HG_ASSERT(again->body == request->body && !again->nominates);
}

}  // namespace
}  // namespace headgate::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::http;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  // The end of the input also says where to cut it.
  const std::string_view sizes = bytes.substr(bytes.size() - bytes.size() / 4);
  const std::string whole = test::read_request({bytes});
  HG_ASSERT(test::read_request(cut(bytes, sizes)) == whole);
  if (size <= 512) HG_ASSERT(test::read_request(test::bytes_of(bytes)) == whole);
  check_forwarded(std::string{bytes});
  const std::string answer = test::read_response({bytes}, Method::kGet);
  HG_ASSERT(test::read_response(cut(bytes, sizes), Method::kGet) == answer);
  return 0;
}
