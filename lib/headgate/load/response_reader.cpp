#include "headgate/load/response_reader.hpp"

#include <algorithm>

#include "headgate/http/fields.hpp"

namespace headgate::load {

void ResponseReader::begin(bool to_head, Listener* listener) noexcept {
  listener_ = listener;
  parser_.reset();
  asked_ = to_head ? http::Method::kHead : http::Method::kGet;
  in_body_ = started_ = false;
}

ResponseReader::Step ResponseReader::read(std::string_view input) noexcept {
  std::size_t used = 0;
  while (!in_body_) {
    const Step step = read_head(input.substr(used));
    used += step.used;
    if (step.used == 0) return {step.event, used};  // not whole, or refused
  }
  const Step step = read_body(input.substr(used));
  return {step.event, used + step.used};
}

void ResponseReader::Known::keep(std::string_view head, http::Method method,
                                 const Said& what) noexcept {
  size = head.size() <= kSizeMax ? head.copy(bytes.data(), kSizeMax) : 0;
  asked = method;
  said = what;
}

ResponseReader::Step ResponseReader::read_head(std::string_view input) noexcept {
  started_ = started_ || !input.empty();
  if (listener_ == nullptr && known_.starts(input, asked_)) {
    begin_body(known_.said);
    return {.used = known_.size};
  }
  const http::Progress progress = parser_.parse(input);
  if (progress == http::Progress::kNeedMore) return {};
  if (progress == http::Progress::kRefused) return {.event = Event::kRefused};
  const http::ResponseHead& head = parser_.head();
  const auto framing = http::response_framing(head, asked_);
  if (!framing) return {.event = Event::kRefused};
  const std::size_t size = head.size;
  if (head.status >= 200) {
    const http::Connection connection = http::read_connection(head.fields);
    const bool kept = head.minor >= 1 || connection.keep_alive;
    const Said said{.answer = {.status = head.status,
                               .has_retry_after = head.fields.has(http::FieldId::kRetryAfter)},
                    .framing = *framing,
                    .persistent = kept && !connection.close &&
                                  framing->kind != http::Framing::Kind::kUntilClose};
    known_.keep(input.substr(0, size), asked_, said);
    begin_body(said);
    if (listener_ != nullptr) tell_fields();
  }
  parser_.reset();
  return {.used = size};
}

void ResponseReader::begin_body(const Said& said) noexcept {
  answer_ = said.answer;
  persistent_ = said.persistent;
  in_body_ = true;
  chunked_ = said.framing.kind == http::Framing::Kind::kChunked;
  until_close_ = said.framing.kind == http::Framing::Kind::kUntilClose;
  body_left_ = said.framing.kind == http::Framing::Kind::kLength ? said.framing.length : 0;
  if (chunked_) chunks_.reset();
}

void ResponseReader::tell_fields() {
  const http::Fields& fields = parser_.head().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    listener_->on_field(fields[i].name, fields[i].value);
  }
}

ResponseReader::Step ResponseReader::read_body(std::string_view input) noexcept {
  if (until_close_) {
    tell_body(input);
    return {Event::kNeedMore, input.size()};
  }
  std::size_t used = 0;
  if (chunked_) {
    while (!chunks_.done() && used < input.size()) {
      const http::ChunkedDecoder::Step step = chunks_.next(input.substr(used));
      if (chunks_.refused() != http::Reason::kNone) return {Event::kRefused, used};
      tell_body(input.substr(used + step.framing, step.data));
      used += step.framing + step.data;
    }
    return {chunks_.done() ? Event::kResponse : Event::kNeedMore, used};
  }
  used = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, input.size()));
  body_left_ -= used;
  tell_body(input.substr(0, used));
  return {body_left_ == 0 ? Event::kResponse : Event::kNeedMore, used};
}

}  // namespace headgate::load
