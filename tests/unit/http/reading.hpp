// Reads a message as the gateway does, from pieces of any size, and says in one line what it saw.
// Two ways of cutting the same bytes must give the same line.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/http/chunked.hpp"
#include "headgate/http/framing.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/request.hpp"
#include "headgate/http/response.hpp"

namespace headgate::http::test {

using Pieces = std::vector<std::string_view>;

inline std::string framing_text(const Framing& framing) {
  switch (framing.kind) {
    case Framing::Kind::kNone:
      return framing.length_given ? "none:" + std::to_string(framing.length) : "none";
    case Framing::Kind::kLength:
      return "length:" + std::to_string(framing.length);
    case Framing::Kind::kChunked:
      return "chunked";
    case Framing::Kind::kUntilClose:
      return "until-close";
  }
  return "?";
}

/// The body that starts `pieces`, and what is left after it, as ` body=… rest=…`; a reason if
/// refused.
inline std::string read_body(const Framing& framing, const Pieces& pieces) {
  std::string body;
  std::string rest;
  ChunkedDecoder decoder;
  const auto read_chunks = [&](std::string_view input) {
    while (!input.empty() && !decoder.done() && decoder.refused() == Reason::kNone) {
      const ChunkedDecoder::Step step = decoder.next(input);
      body += input.substr(step.framing, step.data);
      input.remove_prefix(step.framing + step.data);
    }
    rest += input;
  };
  for (const std::string_view piece : pieces) {
    if (framing.kind == Framing::Kind::kChunked) {
      read_chunks(piece);
      if (decoder.refused() != Reason::kNone) return std::string{id_of(decoder.refused())};
    } else if (framing.kind == Framing::Kind::kUntilClose) {
      body += piece;
    } else {
      const std::size_t wanted = framing.kind == Framing::Kind::kLength ? framing.length : 0;
      const std::size_t taken = std::min(wanted - body.size(), piece.size());
      body += piece.substr(0, taken);
      rest += piece.substr(taken);
    }
  }
  const bool whole = framing.kind == Framing::Kind::kChunked  ? decoder.done()
                     : framing.kind == Framing::Kind::kLength ? body.size() == framing.length
                                                              : true;
  if (!whole) return "INCOMPLETE";
  return " body=" + body + " rest=" + rest;
}

/// Feeds `pieces` to `parser` until it decides; `buffer` is then what was fed, and the return value
/// what was not yet. The buffer is a new one each time: nothing may depend on where it lies.
template <class Parser>
Progress feed(Parser& parser, const Pieces& pieces, std::string& buffer, Pieces& left) {
  Progress progress = Progress::kNeedMore;
  std::size_t next = 0;
  while (progress == Progress::kNeedMore && next < pieces.size()) {
    std::string longer = buffer;
    longer += pieces[next++];
    std::fill(buffer.begin(), buffer.end(), '\x01');  // a use of the old bytes would show
    buffer.swap(longer);
    progress = parser.parse(buffer);
  }
  left.assign(pieces.begin() + static_cast<std::ptrdiff_t>(next), pieces.end());
  return progress;
}

/// `GET host /path?query framing [flags] body=… rest=…`, a reason id, or INCOMPLETE.
inline std::string read_request(const Pieces& pieces) {
  RequestParser parser;
  std::string buffer;
  Pieces left;
  const Progress progress = feed(parser, pieces, buffer, left);
  if (progress == Progress::kNeedMore) return "INCOMPLETE";
  if (progress == Progress::kRefused) return std::string{id_of(parser.reason())};
  const RequestHead& head = parser.head();
  const std::expected<Request, Reason> request = examine(head, buffer.data());
  if (!request) return std::string{id_of(request.error())};
  left.insert(left.begin(), std::string_view{buffer}.substr(head.size));
  const std::string body = read_body(request->body, left);
  if (!body.starts_with(' ')) return body;
  std::string line{to_text(request->method)};
  line.append(" ").append(request->host.empty() ? "-" : request->host);
  line.append(" ").append(request->path).append(request->query);
  line.append(" ").append(framing_text(request->body));
  if (!request->persistent) line += " close";
  if (request->expects_continue) line += " continue";
  if (request->nominates) line += " nominates";
  return line + body;
}

/// `200 framing [flags] body=… rest=…`, a reason id, or INCOMPLETE.
inline std::string read_response(const Pieces& pieces, Method asked) {
  ResponseParser parser;
  std::string buffer;
  Pieces left;
  const Progress progress = feed(parser, pieces, buffer, left);
  if (progress == Progress::kNeedMore) return "INCOMPLETE";
  if (progress == Progress::kRefused) return std::string{id_of(parser.reason())};
  const ResponseHead& head = parser.head();
  const std::expected<Response, Reason> response = examine(head, asked);
  if (!response) return std::string{id_of(response.error())};
  left.insert(left.begin(), std::string_view{buffer}.substr(head.size));
  const std::string body = read_body(response->body, left);
  if (!body.starts_with(' ')) return body;
  std::string line = std::to_string(head.status) + " " + framing_text(response->body);
  if (!response->persistent) line += " close";
  if (response->interim) line += " interim";
  if (response->nominates) line += " nominates";
  return line + body;
}

/// Each byte by itself.
inline Pieces bytes_of(std::string_view text) {
  Pieces pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return pieces;
}

}  // namespace headgate::http::test
