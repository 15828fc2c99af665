// The key and the cookie that bind a request to a target.
#include "headgate/gateway/affinity.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace headgate::gateway {
namespace {

using namespace std::string_literals;

/// Fields over one text: `name: value` lines, as the parser would leave them.
class Head {
 public:
  Head(std::initializer_list<std::pair<std::string, std::string>> lines) {
    for (const auto& [name, value] : lines) text_ += name + value;
    fields_.set_base(text_);
    std::string_view rest = text_;
    for (const auto& [name, value] : lines) {
      REQUIRE(fields_.add(rest.substr(0, name.size()), rest.substr(name.size(), value.size())));
      rest.remove_prefix(name.size() + value.size());
    }
  }
  [[nodiscard]] const http::Fields& fields() const noexcept { return fields_; }

 private:
  std::string text_;
  http::Fields fields_;
};

std::uint64_t id_in(const std::string& cookies) {
  const Head head{{"cookie", cookies}};
  return target_in_cookie(head.fields(), "at");
}

TEST_CASE("affinity: the cookie is found wherever it stands") {
  CHECK(id_in("at=00000000000000ff") == 255);
  CHECK(id_in("a=b; at=00000000000000ff; c=d") == 255);
  CHECK(id_in("a=b;at=00000000000000ff") == 255);
  CHECK(id_in("a=b;   at=ffffffffffffffff") == ~std::uint64_t{0});
  const Head two{{"cookie", "a=b"}, {"accept", "*"}, {"cookie", "at=000000000000000a"}};
  CHECK(target_in_cookie(two.fields(), "at") == 10);
}

TEST_CASE("affinity: what is not wholly an id is no target's") {
  for (const char* const cookies :
       {"", "at", "at=", "at=ff", "at=00000000000000fg", "at=00000000000000ff0",
        "at=+0000000000000ff", "at=0x000000000000ff", "bat=00000000000000ff",
        "at =00000000000000ff", "at:00000000000000ff", ";;;", "at=\"000000000000ff\""}) {
    CAPTURE(cookies);
    CHECK(id_in(cookies) == 0);
  }
  const Head none{{"accept", "at=00000000000000ff"}};
  CHECK(target_in_cookie(none.fields(), "at") == 0);
}

TEST_CASE("affinity: the line that is set is the cookie that is read") {
  const Affinity affinity = Affinity::make({.sticky = "at"}).value();
  const std::string line = affinity.cookie_line(0xc0ffee);
  CHECK(line == "Set-Cookie: at=0000000000c0ffee; Path=/; HttpOnly; SameSite=Lax\r\n");
  const Head head{{"cookie", "at=0000000000c0ffee"}};
  const ClientName client;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = head.fields()};
  CHECK(affinity.call(caller, TimePoint{Duration{5}}).sticky == 0xc0ffee);
  CHECK(affinity.call(caller, TimePoint{Duration{5}}).now == TimePoint{Duration{5}});
}

TEST_CASE(
    "affinity: without a cookie's name nobody is bound, without a hash policy nothing keyed") {
  const Affinity affinity = Affinity::make({.policy = "two_choices"}).value();
  CHECK(affinity.cookie_line(1).empty());
  const Head head{{"cookie", "at=0000000000c0ffee"}};
  const ClientName client;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = head.fields()};
  CHECK(affinity.call(caller, {}).sticky == 0);
  CHECK(affinity.call(caller, {}).key == 0);
}

}  // namespace
}  // namespace headgate::gateway
