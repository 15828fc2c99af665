#include "headgate/load/request_reader.hpp"

#include <algorithm>

#include "headgate/http/fields.hpp"

namespace headgate::load {

RequestReader::Step RequestReader::read(std::string_view input) noexcept {
  return in_body_ ? read_body(input) : read_head(input);
}

RequestReader::Step RequestReader::read_head(std::string_view input) noexcept {
  const http::Progress progress = parser_.parse(input);
  if (progress == http::Progress::kNeedMore) return {};
  if (progress == http::Progress::kRefused) return {.event = Event::kRefused};
  const http::RequestHead& head = parser_.head();
  const auto framing = http::request_framing(head);
  if (!framing) return {.event = Event::kRefused};
  const http::Connection connection = http::read_connection(head.fields);
  is_head_ = head.method == http::Method::kHead;
  persistent_ = head.minor >= 1 && !connection.close;  // HTTP/1.0 is answered and closed
  const bool expects = head.fields.has(http::FieldId::kExpect) && head.minor >= 1;
  const std::size_t size = head.size;
  start_body(*framing);
  parser_.reset();
  const bool has_body = chunked_ || body_left_ > 0;
  // A client that has sent its body already does not wait (RFC 9110 section 10.1.1).
  if (has_body && expects && input.size() == size) return {Event::kContinue, size};
  Step step = read_body(input.substr(size));
  step.used += size;
  return step;
}

void RequestReader::start_body(const http::Framing& framing) noexcept {
  in_body_ = true;
  chunked_ = framing.kind == http::Framing::Kind::kChunked;
  body_left_ = framing.kind == http::Framing::Kind::kLength ? framing.length : 0;
  if (chunked_) chunks_.reset();
}

RequestReader::Step RequestReader::read_body(std::string_view input) noexcept {
  std::size_t used = 0;
  if (chunked_) {
    while (!chunks_.done() && used < input.size()) {
      const http::ChunkedDecoder::Step step = chunks_.next(input.substr(used));
      if (chunks_.refused() != http::Reason::kNone) return {Event::kRefused, used};
      used += step.framing + step.data;
    }
    if (!chunks_.done()) return {Event::kNeedMore, used};
  } else {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, input.size()));
    body_left_ -= used;
    if (body_left_ > 0) return {Event::kNeedMore, used};
  }
  in_body_ = false;
  return {Event::kRequest, used};
}

}  // namespace headgate::load
