#include "headgate/http/fields.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/http/authority.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/method.hpp"

namespace headgate::http {
namespace {

TEST_CASE("fields: known names are recognised in any case, and no others") {
  // Every name of the enumeration but kOther, in its order.
  const std::vector<std::string> names = {"Host",
                                          "Content-Length",
                                          "Transfer-Encoding",
                                          "Connection",
                                          "Keep-Alive",
                                          "Proxy-Connection",
                                          "Proxy-Authorization",
                                          "Proxy-Authenticate",
                                          "TE",
                                          "Trailer",
                                          "Upgrade",
                                          "HTTP2-Settings",
                                          "Expect",
                                          "Forwarded",
                                          "X-Forwarded-For",
                                          "X-Forwarded-Proto",
                                          "X-Forwarded-Host",
                                          "X-Real-IP",
                                          "Via",
                                          "Authorization",
                                          "Cookie",
                                          "Date",
                                          "Server",
                                          "Content-Type",
                                          "Retry-After"};
  REQUIRE(names.size() + 1 == static_cast<std::size_t>(FieldId::kCount));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto id = static_cast<FieldId>(i + 1);
    std::string name = names[i];
    CAPTURE(name);
    CHECK(field_id(name) == id);
    const auto each = [&name](auto change) {
      std::transform(name.begin(), name.end(), name.begin(),
                     [change](char c) { return static_cast<char>(change(c)); });
    };
    each([](int c) { return std::toupper(c); });
    CHECK(field_id(name) == id);
    each([](int c) { return std::tolower(c); });
    CHECK(field_id(name) == id);
    CHECK(field_id(name + "x") == FieldId::kOther);
    CHECK(field_id(name.substr(1)) == FieldId::kOther);
    name[0] = '!';
    CHECK(field_id(name) == FieldId::kOther);
  }
  CHECK(field_id("") == FieldId::kOther);
  CHECK(field_id(std::string(300, 'a')) == FieldId::kOther);
}

TEST_CASE("fields: values are found by id and by name, the first of several") {
  const std::string bytes =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Key: 1\r\nx-key: 2\r\nCookie: c\r\nEmpty:\r\n\r\n";
  RequestParser parser;
  REQUIRE(parser.parse(bytes) == Progress::kDone);
  const Fields& fields = parser.head().fields;
  CHECK(fields.size() == 5);
  CHECK(fields.value(FieldId::kCookie) == "c");
  CHECK(fields.value("X-KEY") == "1");
  CHECK(fields.value("x-ke").empty());
  CHECK(fields.has("empty"));
  CHECK_FALSE(fields.has("nothing"));
  CHECK(fields.has(FieldId::kHost));
  CHECK_FALSE(fields.has(FieldId::kVia));
  CHECK(fields.count(FieldId::kHost) == 1);
  CHECK(fields[2].name == "x-key");
  CHECK(parser.head().size == bytes.size());
}

TEST_CASE("fields: a parser can be used again after reset") {
  RequestParser parser;
  REQUIRE(parser.parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") ==
          Progress::kDone);
  parser.reset();
  REQUIRE(parser.parse("\r\nPOST /2 HTTP/1.0\r\nVia: x\r\n\r\n") == Progress::kDone);
  CHECK(parser.head().method == Method::kPost);
  CHECK(parser.head().target == "/2");
  CHECK(parser.head().minor == 0);
  CHECK(parser.head().fields.size() == 1);
  CHECK_FALSE(parser.head().fields.has(FieldId::kConnection));
  parser.reset();
  CHECK(parser.parse("G\nT") == Progress::kRefused);
  CHECK(parser.parse("G\nT again") == Progress::kRefused);  // it does not change its mind
  CHECK(parser.reason() == Reason::kBareLf);
}

TEST_CASE("fields: a request has started with its first byte that is no empty line") {
  RequestParser parser;
  const auto started_after = [&parser](std::string_view buffer) {
    parser.reset();
    REQUIRE(parser.parse(buffer) == Progress::kNeedMore);
    return parser.started(buffer);
  };
  CHECK_FALSE(started_after(""));
  CHECK_FALSE(started_after("\r\n"));
  CHECK_FALSE(started_after("\r\n\r"));
  CHECK(started_after("\r\nG"));
  CHECK(started_after("GET / HTTP/1.1\r\n"));
}

TEST_CASE("fields: list elements come without blanks, empty ones too") {
  std::string_view list = " a ,\tb,, c";
  std::vector<std::string> elements;
  while (!list.empty()) elements.emplace_back(next_element(list));
  CHECK(elements == std::vector<std::string>{"a", "b", "", "c"});
}

TEST_CASE("fields: names differ by more than case or are equal") {
  CHECK(equal_ignoring_case("Content-Length", "cONTENT-lENGTH"));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
  CHECK_FALSE(equal_ignoring_case("[", "{"));  // they differ by the bit that letters' case is
  CHECK_FALSE(equal_ignoring_case("\xc9", "\xe9"));
}

TEST_CASE("authority: host and port are told apart, with an IPv6 address too") {
  CHECK(parse_authority("a.b:80")->host == "a.b");
  CHECK(parse_authority("a.b:80")->port == 80);
  CHECK(parse_authority("a.b")->port == 0);
  CHECK(parse_authority("[::1]:65535")->host == "[::1]");
  CHECK(parse_authority("[::1]:65535")->port == 65535);
  CHECK(parse_authority("[::ffff:127.0.0.1]")->host == "[::ffff:127.0.0.1]");
  CHECK(parse_authority("my_service")->host == "my_service");
  CHECK(parse_authority(std::string(255, 'a')).has_value());
  CHECK_FALSE(parse_authority(std::string(256, 'a')).has_value());
}

TEST_CASE("authority: a canonical host is in lower case, without the dot that may end it") {
  std::string out(300, '?');
  CHECK(canonical_host("API.Example.COM.", out) == "api.example.com");
  const std::string_view same = "api.example.com";
  CHECK(canonical_host(same, out).data() == same.data());
  CHECK(canonical_host("", out).empty());
  std::string bytes = "UPPER";
  CHECK(canonical_host(bytes, bytes) == "upper");
}

TEST_CASE("method: text and value are one to one, and case counts") {
  for (const std::string_view text :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}) {
    CHECK(to_text(method_of(text)) == text);
  }
  CHECK(method_of("get") == Method::kUnknown);
  CHECK(method_of("") == Method::kUnknown);
  CHECK(to_text(Method::kUnknown).empty());
  CHECK(to_text(MethodSet::all()) == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  MethodSet set;
  CHECK(set.empty());
  set.add(Method::kPost);
  set.add(Method::kGet);
  CHECK(to_text(set) == "GET, POST");
  CHECK(MethodSet::all().covers(set));
  CHECK_FALSE(set.covers(MethodSet::all()));
}

TEST_CASE("reason: ids are unique, and every refusal has a status and words") {
  std::vector<std::string> ids;
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    ids.emplace_back(id_of(reason));
    CHECK(status_of(reason) >= 400);
    CHECK(status_of(reason) <= 505);
    CHECK_FALSE(describe(reason).empty());
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(id_of(Reason::kNone).empty());
  CHECK(type_of(Reason::kClTe) == "urn:headgate:refused:CL-TE");
  CHECK(status_of(Reason::kTargetLong) == 414);
  CHECK(status_of(Reason::kFieldsMany) == 431);
  CHECK(status_of(Reason::kTeCoding) == 501);
  CHECK(status_of(Reason::kVersionUnsupported) == 505);
  CHECK(status_of(Reason::kMethodRefused) == 405);
  CHECK(status_of(Reason::kExpect) == 417);
}

}  // namespace
}  // namespace headgate::http
