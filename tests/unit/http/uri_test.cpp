#include "headgate/http/uri.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::http {
namespace {

/// The canonical path or the id of the reason why there is none.
std::string canonical(std::string_view raw) {
  std::string out(raw.size(), '?');
  const auto path = canonical_path(raw, out);
  return path ? std::string{*path} : std::string{id_of(path.error())};
}

TEST_CASE("uri: a canonical path is given back as it is, in its own bytes") {
  for (const std::string_view raw :
       {"/", "/a", "/a/", "/a/b.c", "/~x/-_.", "/a;v=1/b", "/@x:y/!$&'()*+,;="}) {
    std::string untouched(raw.size(), '?');
    const auto path = canonical_path(raw, untouched);
    REQUIRE(path.has_value());
    CHECK(path->data() == raw.data());
    CHECK(*path == raw);
    CHECK(untouched == std::string(raw.size(), '?'));
  }
  CHECK(canonical("") == "/");
}

TEST_CASE("uri: only unreserved characters are decoded, other escapes get upper-case digits") {
  CHECK(canonical("/%41%7a%30%2D%2e%5F%7E") == "/Az0-._~");
  CHECK(canonical("/caf%c3%a9") == "/caf%C3%A9");
  CHECK(canonical("/a%20b%7c") == "/a%20b%7C");
  CHECK(canonical("/a%3Ab%40") == "/a%3Ab%40");
}

TEST_CASE("uri: dot segments are removed as in RFC 3986 section 5.2.4") {
  CHECK(canonical("/a/b/c/./../../g") == "/a/g");  // the RFC's own example
  CHECK(canonical("/./a") == "/a");
  CHECK(canonical("/a/.") == "/a/");
  CHECK(canonical("/a/..") == "/");
  CHECK(canonical("/a/b/..") == "/a/");
  CHECK(canonical("/a/../") == "/");
  CHECK(canonical("/.") == "/");
  CHECK(canonical("/%2e/%2E%2e/x") == "PATH-ABOVE-ROOT");
  CHECK(canonical("/a/%2e%2e/b") == "/b");
  CHECK(canonical("/.well-known/x") == "/.well-known/x");
  CHECK(canonical("/..a/.b./...") == "/..a/.b./...");
}

TEST_CASE("uri: runs of slashes are one slash") {
  CHECK(canonical("//") == "/");
  CHECK(canonical("///a//b///") == "/a/b/");
  CHECK(canonical("//a/..//b") == "/b");
  CHECK(canonical("/a//../b") == "/b");  // the empty segment is not one to climb over
}

TEST_CASE("uri: what could be structure to a later reader is refused") {
  for (const std::string_view escape : {"%00", "%0a", "%0D", "%1f", "%7F", "%2f", "%2F", "%5c",
                                        "%5C", "%3b", "%25", "%3f", "%23"}) {
    CHECK(canonical("/a" + std::string{escape} + "b") == "PATH-DELIMITER");
  }
  for (const std::string_view path : {"/..;/x", "/.;/x", "/a/..;v=1", "/%2e%2e;/x"}) {
    CHECK(canonical(path) == "PATH-DELIMITER");
  }
  for (const std::string_view path : {"/%", "/%4", "/%zz", "/%4g", "/a%"}) {
    CHECK(canonical(path) == "PATH-PERCENT");
  }
  for (const std::string_view path : {"/..", "/../a", "/a/../..", "//.."}) {
    CHECK(canonical(path) == "PATH-ABOVE-ROOT");
  }
  CHECK(canonical("a") == "PATH-FORM");
}

/// RFC 3986 section 5.2.4 written down literally, as an oracle; for paths without escapes, runs of
/// slashes and climbs above the root, which we treat otherwise on purpose.
std::string remove_dot_segments(std::string input) {
  std::string output;
  while (!input.empty()) {
    if (input.starts_with("/./")) {
      input.erase(0, 2);
    } else if (input == "/.") {
      input = "/";
    } else if (input.starts_with("/../")) {
      input.erase(0, 3);
      output.erase(output.rfind('/'));
    } else if (input == "/..") {
      input = "/";
      output.erase(output.rfind('/'));
    } else {
      const std::size_t next = input.find('/', 1);
      output += input.substr(0, next);
      input.erase(0, next);
    }
  }
  return output;
}

TEST_CASE("uri: agrees with the RFC's algorithm on every path of up to six segments") {
  const std::vector<std::string> segments = {".", "..", "a", "...", ".b"};
  std::size_t compared = 0;
  for (std::uint32_t code = 0; code < 15625; ++code) {  // 5^6
    std::string path;
    std::uint32_t rest = code;
    int depth = 0;
    bool above_root = false;
    for (int i = 0; i < 6; ++i, rest /= 5) {
      const std::string& segment = segments[rest % 5];
      path += "/" + segment;
      depth += segment == ".." ? -1 : segment == "." ? 0 : 1;
      above_root = above_root || depth < 0;
    }
    const std::string expected = above_root ? "PATH-ABOVE-ROOT" : remove_dot_segments(path);
    if (canonical(path) != expected) FAIL_CHECK(path << " became " << canonical(path));
    ++compared;
  }
  CHECK(compared == 15625);
}

TEST_CASE("uri: rewriting in place gives the same as rewriting elsewhere") {
  for (const std::string_view raw :
       {"/a/./b", "//x//", "/%61/%20/../%7e", "/a/b/../../c/", "/a/.."}) {
    std::string bytes{raw};
    const auto path = canonical_path(bytes, bytes);
    REQUIRE(path.has_value());
    CHECK(*path == canonical(raw));
  }
}

TEST_CASE("uri: a target is a path with query, an http URI, or an asterisk") {
  CHECK(split_target("/a?b?c").value().path == "/a");
  CHECK(split_target("/a?b?c").value().query == "?b?c");
  CHECK(split_target("/a?").value().query == "?");
  CHECK(split_target("*").value().path == "*");
  const Target whole = split_target("http://h:1/a?b").value();
  CHECK(whole.authority == "h:1");
  CHECK(whole.path == "/a");
  CHECK(whole.query == "?b");
  CHECK(split_target("http://h?b").value().path.empty());
  for (const std::string_view target :
       {"", "a", "http:/h/", "://h", "file://h/", "http://", "**"}) {
    CHECK(split_target(target).error() == Reason::kPathForm);
  }
}

}  // namespace
}  // namespace headgate::http
