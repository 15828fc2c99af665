// Any bytes as a path: a canonical path is canonical (asking again changes nothing), never longer,
// the same when rewritten in place, and free of everything that a later reader could take for
// structure.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "headgate/core/check.hpp"
#include "headgate/http/authority.hpp"
#include "headgate/http/uri.hpp"

namespace {

using namespace headgate::http;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void check_path(std::string_view raw) {
  std::string out(raw.size(), '?');
  const auto path = canonical_path(raw, out);
  std::string in_place{raw};
  const auto same = canonical_path(in_place, in_place);
  HG_ASSERT(same.has_value() == path.has_value());
  if (!path) {
    HG_ASSERT(same.error() == path.error());
    return;
  }
  HG_ASSERT(*same == *path);
  HG_ASSERT(path->starts_with('/') && (path->size() <= raw.size() || raw.empty()));
  std::string again(path->size(), '?');
  HG_ASSERT(canonical_path(*path, again).value() == *path);
  for (const std::string_view part :
       {"//", "/./", "/../", "/.;", "/..;", "%2F", "%5C", "%00", "%2E"}) {
    HG_ASSERT(!contains(*path, part));
  }
  HG_ASSERT(!path->ends_with("/.") && !path->ends_with("/.."));
}

void check_host(std::string_view text) {
  const auto authority = parse_authority(text);
  if (!authority) return;
  std::string out(text.size(), '?');
  const std::string_view host = canonical_host(authority->host, out);
  const auto again = parse_authority(host);
  HG_ASSERT(again.has_value() && again->port == 0 && again->host == host);
  std::string twice(host.size(), '?');
  HG_ASSERT(canonical_host(host, twice) == host);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  check_path(bytes);
  check_path("/" + std::string{bytes});
  check_host(bytes);
  if (const auto target = split_target(bytes); target && !target->path.empty()) {
    check_path(target->path);
  }
  return 0;
}
