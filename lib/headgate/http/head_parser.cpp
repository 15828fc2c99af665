#include "headgate/http/head_parser.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>

#include "headgate/http/char_class.hpp"

namespace headgate::http {
namespace {

using detail::is;

/// The first byte from `at` to `end` that is no text: a control character other than tab, or DEL.
const char* find_control(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i refused = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control),
                                         _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(refused));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && is(*at, detail::kText)) ++at;
  return at;
}

Reason reason_of_control(char c) noexcept {
  if (c == '\n') return Reason::kBareLf;
  return c == '\0' ? Reason::kNul : Reason::kControl;
}

/// 0 for HTTP/1.0, 1 for HTTP/1.1 and above (RFC 9110 section 2.5), else a reason.
Reason read_version(std::string_view text, int& minor) noexcept {
  if (text.size() != 8 || !text.starts_with("HTTP/") || !detail::is_digit(text[5]) ||
      text[6] != '.' || !detail::is_digit(text[7])) {
    return Reason::kVersion;
  }
  if (text[5] != '1') return Reason::kVersionUnsupported;
  minor = text[7] == '0' ? 0 : 1;
  return Reason::kNone;
}

Reason read_method(std::string_view text, Method& method) noexcept {
  method = method_of(text);
  if (method == Method::kConnect || method == Method::kTrace) return Reason::kMethodRefused;
  if (method != Method::kUnknown) return Reason::kNone;
  const bool lower =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return is_token(text) && !lower ? Reason::kMethodUnknown : Reason::kMethod;
}

/// Judges one field line and adds it.
Reason add_field(std::string_view line, unsigned name_classes, Fields& fields) noexcept {
  if (line[0] == ' ' || line[0] == '\t') return Reason::kObsFold;
  std::size_t colon = 0;
  while (colon < line.size() && is(line[colon], name_classes)) ++colon;
  if (colon == line.size()) return Reason::kFieldColon;
  if (line[colon] != ':') {
    if (line[colon] == ' ' || line[colon] == '\t') return Reason::kFieldSpace;
    return line[colon] == '_' ? Reason::kFieldUnderscore : Reason::kFieldName;
  }
  if (colon == 0) return Reason::kFieldName;
  const bool added = fields.add(line.substr(0, colon), trim(line.substr(colon + 1)));
  return added ? Reason::kNone : Reason::kFieldsMany;
}

}  // namespace

namespace detail {

void LineReader::reset() noexcept { line_ = seen_ = 0; }

LineReader::Found LineReader::next(std::string_view buffer, std::size_t end_max,
                                   std::string_view& line, Reason& reason) noexcept {
  const std::size_t limit = std::min(buffer.size(), end_max);
  const char* const begin = buffer.data();
  const auto stop = static_cast<std::size_t>(find_control(begin + seen_, begin + limit) - begin);
  seen_ = stop;
  if (stop == limit) return Found::kNeedMore;
  if (begin[stop] != '\r') {
    reason = reason_of_control(begin[stop]);
    return Found::kRefused;
  }
  if (stop + 1 == limit) return Found::kNeedMore;
  if (begin[stop + 1] != '\n') {
    reason = Reason::kBareCr;
    return Found::kRefused;
  }
  line = buffer.substr(line_, stop - line_);
  line_ = seen_ = stop + 2;
  return Found::kLine;
}

// The loop that both parsers share. `first_line(line, start)` judges the first line, or says by
// kBlank that it was an empty one to skip.
template <class FirstLine>
Progress HeadReader::read(std::string_view buffer, const Rules& rules, Fields& fields,
                          FirstLine first_line) noexcept {
  if (progress_ != Progress::kNeedMore) return progress_;
  fields.set_base(buffer);
  while (reason_ == Reason::kNone) {
    const std::size_t start = lines_.position();
    const std::size_t end_max =
        fields_begun_ ? kHeadMax : std::min(start + rules.first_line_max + 2, kHeadMax);
    std::string_view line;
    const LineReader::Found found = lines_.next(buffer, end_max, line, reason_);
    if (found == LineReader::Found::kNeedMore) {
      if (buffer.size() < end_max) return progress_;
      reason_ = fields_begun_ ? Reason::kHeadLarge : rules.first_line_long;
    } else if (found == LineReader::Found::kLine && !fields_begun_) {
      reason_ = first_line(line, start);
    } else if (found == LineReader::Found::kLine && line.empty()) {
      return progress_ = Progress::kDone;
    } else if (found == LineReader::Found::kLine) {
      reason_ = add_field(line, rules.name_classes, fields);
    }
  }
  return progress_ = Progress::kRefused;
}

}  // namespace detail

Progress RequestParser::parse(std::string_view buffer) noexcept {
  // An underscore is a token character, but servers that hand fields on as environment variables
  // read `_` and `-` alike: `Content_Length` would be a second Content-Length to them.
  constexpr detail::HeadReader::Rules kRules{.first_line_max = kRequestLineMax,
                                             .first_line_long = Reason::kTargetLong,
                                             .name_classes = detail::kToken};
  const Progress progress =
      reader_.read(buffer, kRules, head_.fields, [this](std::string_view line, std::size_t start) {
        if (line.empty()) {
          return ++blank_lines_ > kBlankLinesMax ? Reason::kRequestLine : Reason::kNone;
        }
        return read_request_line(line, start);
      });
  if (progress == Progress::kDone) {
    head_.target = buffer.substr(target_, head_.target.size());
    head_.size = reader_.position();
  }
  return progress;
}

Reason RequestParser::read_request_line(std::string_view line, std::size_t start) noexcept {
  reader_.begin_fields();
  const std::size_t method_end = line.find(' ');
  if (method_end == std::string_view::npos) return Reason::kRequestLine;
  const Reason refused = read_method(line.substr(0, method_end), head_.method);
  if (refused != Reason::kNone) return refused;
  const std::size_t target = method_end + 1;
  std::size_t end = target;
  while (end < line.size() && is(line[end], detail::kTarget)) ++end;
  if (end == line.size()) return Reason::kRequestLine;
  if (line[end] != ' ') return Reason::kTarget;
  if (end == target) return Reason::kRequestLine;
  target_ = start + target;
  head_.target = line.substr(target, end - target);
  return read_version(line.substr(end + 1), head_.minor);
}

bool RequestParser::started(std::string_view buffer) const noexcept {
  const std::size_t position = reader_.position();
  return reader_.fields_begun() || (position < buffer.size() && buffer[position] != '\r');
}

void RequestParser::reset() noexcept {
  reader_.reset();
  head_.fields.clear();
  blank_lines_ = 0;
}

Progress ResponseParser::parse(std::string_view buffer) noexcept {
  constexpr detail::HeadReader::Rules kRules{.first_line_max = kHeadMax,
                                             .first_line_long = Reason::kHeadLarge,
                                             .name_classes = detail::kToken | detail::kUnderscore};
  const Progress progress = reader_.read(
      buffer, kRules, head_.fields,
      [this](std::string_view line, std::size_t start) { return read_status_line(line, start); });
  if (progress == Progress::kDone) {
    head_.reason = buffer.substr(phrase_, head_.reason.size());
    head_.size = reader_.position();
  }
  return progress;
}

Reason ResponseParser::read_status_line(std::string_view line, std::size_t start) noexcept {
  reader_.begin_fields();
  constexpr std::size_t kStatus = 9;   // after "HTTP/1.1 "
  constexpr std::size_t kPhrase = 13;  // after "HTTP/1.1 200 "
  const Reason refused = read_version(line.substr(0, 8), head_.minor);
  if (refused != Reason::kNone) return refused;
  if (line.size() < kStatus + 3 || line[8] != ' ') return Reason::kStatusLine;
  int status = 0;
  for (const char c : line.substr(kStatus, 3)) {
    if (!detail::is_digit(c)) return Reason::kStatusLine;
    status = status * 10 + (c - '0');
  }
  if (status < 100 || status > 599) return Reason::kStatusLine;
  // The blank after the digits is required even before an empty phrase, and often forgotten there.
  if (line.size() > kStatus + 3 && line[kStatus + 3] != ' ') return Reason::kStatusLine;
  head_.status = status;
  head_.reason = line.substr(std::min(kPhrase, line.size()));
  phrase_ = start + std::min(kPhrase, line.size());
  return Reason::kNone;
}

void ResponseParser::reset() noexcept {
  reader_.reset();
  head_.fields.clear();
}

}  // namespace headgate::http
