#include "headgate/load/response_reader.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace headgate::load {
namespace {

using Event = ResponseReader::Event;

struct Seen {
  Event event = Event::kNeedMore;
  int status = 0;
  bool retry_after = false;
  bool persistent = false;
  bool complete_by_end = false;  // the stream's end would end it
  std::size_t left = 0;          // bytes not used
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen read_pieces(ResponseReader& reader, std::string_view input, bool to_head, std::size_t piece) {
  reader.begin(to_head);
  Seen seen;
  std::string buffer;
  std::size_t at = 0;
  for (; at < input.size() && seen.event == Event::kNeedMore; at += piece) {
    buffer += input.substr(at, piece);
    const ResponseReader::Step step = reader.read(buffer);
    buffer.erase(0, step.used);
    seen.event = step.event;
  }
  if (seen.event == Event::kResponse) {
    seen.status = reader.answer().status;
    seen.retry_after = reader.answer().has_retry_after;
    seen.persistent = reader.persistent();
    seen.left = buffer.size() + (at < input.size() ? input.size() - at : 0);
  }
  seen.complete_by_end = reader.ended();
  return seen;
}

/// The same for a reader that has read a response with this very head before: it must not matter.
Seen read_again(std::string_view input, bool to_head, std::size_t piece) {
  const std::string head{input.substr(0, input.find("\r\n\r\n") + 4)};
  ResponseReader reader;
  reader.begin(to_head);
  std::string before = head + std::string(100, '0');
  while (!before.empty()) {
    const ResponseReader::Step step = reader.read(before);
    before.erase(0, step.used);
    if (step.event != Event::kNeedMore || step.used == 0) break;
  }
  return read_pieces(reader, input, to_head, piece);
}

/// In pieces of every size, which must not matter.
Seen read_response(std::string_view input, bool to_head = false) {
  ResponseReader reader;
  const Seen whole = read_pieces(reader, input, to_head, input.size());
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    CAPTURE(piece);
    ResponseReader fresh;
    CHECK((read_pieces(fresh, input, to_head, piece) == whole));
    CHECK((read_again(input, to_head, piece) == whole));
  }
  return whole;
}

TEST_CASE("response reader: a length ends a response, and what follows is left alone") {
  const Seen seen = read_response("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP");
  CHECK(seen.event == Event::kResponse);
  CHECK(seen.status == 200);
  CHECK(seen.persistent);
  CHECK(seen.left == 4);
}

TEST_CASE("response reader: a response without a body ends with its head") {
  CHECK(read_response("HTTP/1.1 204 No Content\r\n\r\n").status == 204);
  CHECK(read_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n").status == 304);
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true).status ==
        200);  // to HEAD
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").event == Event::kNeedMore);
}

TEST_CASE("response reader: a chunked response ends where its last chunk says") {
  const Seen seen = read_response(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP");
  CHECK(seen.event == Event::kResponse);
  CHECK(seen.left == 4);
}

TEST_CASE("response reader: without length or chunks the end of the stream ends it") {
  const Seen seen = read_response("HTTP/1.1 200 OK\r\n\r\nsome bytes");
  CHECK(seen.event == Event::kNeedMore);
  CHECK(seen.complete_by_end);
  CHECK_FALSE(
      read_response("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nsome bytes").complete_by_end);
  CHECK_FALSE(read_response("HTTP/1.1 200 OK\r\nContent-").complete_by_end);
}

TEST_CASE("response reader: interim responses are passed over") {
  const Seen seen = read_response(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  CHECK(seen.event == Event::kResponse);
  CHECK(seen.status == 201);
}

TEST_CASE("response reader: Retry-After is noticed, and whether the connection stays") {
  const Seen refused = read_response(
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n");
  CHECK(refused.status == 429);
  CHECK(refused.retry_after);
  CHECK_FALSE(refused.persistent);
  CHECK_FALSE(read_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").persistent);
  CHECK(read_response("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
            .persistent);
}

TEST_CASE("response reader: what is no response, or is framed in two ways, is refused") {
  CHECK(read_response("nonsense\r\n\r\n").event == Event::kRefused);
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n").event ==
        Event::kRefused);
  CHECK(read_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").event ==
        Event::kRefused);
}

TEST_CASE(
    "response reader: a head like the last one, but for a byte or for what was asked, is read "
    "anew") {
  ResponseReader reader;
  const auto read = [&reader](std::string_view input, bool to_head = false) {
    reader.begin(to_head);
    const ResponseReader::Step step = reader.read(input);
    return step.event == Event::kResponse ? step.used : 0;
  };
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  const std::string second = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  for (int i = 0; i < 2; ++i) {
    CHECK(read(first + "abcd") == first.size() + 1);
    CHECK(read(second + "abcd") == second.size() + 3);
    CHECK(read(second + "abcd", true) == second.size());
    CHECK(read(second + "abcd") == second.size() + 3);
  }
  CHECK(reader.answer().status == 200);
  CHECK(read("HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nabc") > 0);
  CHECK(reader.answer().status == 503);
  // One that is too large to be kept forgets the one before.
  CHECK(read("HTTP/1.1 200 OK\r\nX: " + std::string(400, 'x') + "\r\nContent-Length: 0\r\n\r\n") >
        0);
  CHECK(read(first + "abcd") == first.size() + 1);
}

TEST_CASE("response reader: who listens hears the fields of every head, known or not") {
  struct Heard final : ResponseReader::Listener {
    void on_field(std::string_view name, std::string_view value) override {
      text.append(name).append("=").append(value).append(";");
    }
    void on_body(std::string_view piece) override { text += piece; }
    std::string text;
  };
  ResponseReader reader;
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  reader.begin(false);
  CHECK(reader.read(response).event == Event::kResponse);
  Heard heard;
  for (int i = 0; i < 2; ++i) {
    reader.begin(false, &heard);
    CHECK(reader.read(response).event == Event::kResponse);
  }
  CHECK(heard.text == "Content-Length=1;xContent-Length=1;x");
}

TEST_CASE("response reader: it can be begun again after a response cut short") {
  ResponseReader reader;
  reader.begin(false);
  CHECK(reader.read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab").event == Event::kNeedMore);
  CHECK(reader.started());
  reader.begin(false);
  CHECK_FALSE(reader.started());
  CHECK(reader.read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na").event == Event::kResponse);
}

}  // namespace
}  // namespace headgate::load
