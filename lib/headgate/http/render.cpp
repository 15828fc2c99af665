#include "headgate/http/render.hpp"

#include <algorithm>

#include "headgate/core/writer.hpp"
#include "headgate/http/fields.hpp"
#include "headgate/http/status.hpp"

namespace headgate::http {
namespace {

std::size_t written(const Writer& out) noexcept { return out.fits() ? out.size() : 0; }

void write_field(Writer& out, std::string_view name, std::string_view value) noexcept {
  out.text(name).text(": ").text(value).text("\r\n");
}

void write_framing(Writer& out, const Framing& body) noexcept {
  if (body.kind == Framing::Kind::kChunked) {
    out.text("Transfer-Encoding: chunked\r\n");
  } else if (body.kind == Framing::Kind::kLength || body.length_given) {
    out.text("Content-Length: ").number(body.length).text("\r\n");
  }
}

/// Fields that render_request writes itself, from whomever they come.
bool is_rewritten(FieldId id) noexcept {
  return id == FieldId::kHost || id == FieldId::kContentLength || id == FieldId::kExpect ||
         id == FieldId::kXForwardedFor;
}

/// Fields by which a proxy before us may tell who called; anyone can write them.
bool is_claim(FieldId id) noexcept {
  return id == FieldId::kForwarded || id == FieldId::kXForwardedProto ||
         id == FieldId::kXForwardedHost || id == FieldId::kXRealIp;
}

void write_forwarded(Writer& out, const RequestHead& head, const Request& request,
                     const ForwardOptions& options) noexcept {
  const Fields& fields = head.fields;
  const bool extend = options.peer_trusted;
  out.text("X-Forwarded-For: ");
  if (extend && fields.has(FieldId::kXForwardedFor)) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].id == FieldId::kXForwardedFor) out.text(fields[i].value).text(", ");
    }
  }
  out.text(options.client).text("\r\n");
  if (!extend || !fields.has(FieldId::kXForwardedProto)) {
    write_field(out, "X-Forwarded-Proto", options.scheme);
  }
  if (!request.authority.empty() && (!extend || !fields.has(FieldId::kXForwardedHost))) {
    write_field(out, "X-Forwarded-Host", request.authority);
  }
}

bool is_among(std::span<const std::string_view> names, std::string_view name) noexcept {
  return std::ranges::any_of(
      names, [&](std::string_view each) { return equal_ignoring_case(each, name); });
}

/// `HTTP/1.1 200 OK` in the words of the upstream if it has any.
void write_status_line(Writer& out, int status, std::string_view phrase) noexcept {
  out.text("HTTP/1.1 ").number(status).text(" ");
  out.text(phrase.empty() ? reason_phrase(status) : phrase).text("\r\n");
}

/// An HTTP/1.1 connection stays unless said otherwise, an HTTP/1.0 one ends.
void write_connection(Writer& out, const AnswerOptions& options) noexcept {
  if (!options.keep_open) {
    out.text("Connection: close\r\n");
  } else if (options.client_minor == 0) {
    out.text("Connection: keep-alive\r\n");
  }
}

}  // namespace

std::size_t render_request(const RequestHead& head, const Request& request,
                           const ForwardOptions& options, std::span<char> out_bytes) noexcept {
  Writer out(out_bytes);
  out.text(to_text(request.method)).text(" ").text(request.path).text(request.query);
  out.text(" HTTP/1.1\r\n");
  // An HTTP/1.0 client may have named no host; the upstream must be told an empty one then (RFC
  // 9110 section 7.2).
  write_field(out, "Host", options.host.empty() ? request.authority : options.host);
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const Field field = head.fields[i];
    if (field.id != FieldId::kOther && (is_hop_by_hop(field.id) || is_rewritten(field.id) ||
                                        (is_claim(field.id) && !options.peer_trusted))) {
      continue;
    }
    if (request.nominates && nominated(head.fields, field.name)) continue;
    write_field(out, field.name, field.value);
  }
  write_forwarded(out, head, request, options);
  if (!options.via.empty()) {
    out.text(head.minor == 0 ? "Via: 1.0 " : "Via: 1.1 ").text(options.via).text("\r\n");
  }
  write_framing(out, request.body);
  out.text("\r\n");
  return written(out);
}

Framing answer_framing(const Framing& upstream, int client_minor) noexcept {
  const bool open_ended =
      upstream.kind == Framing::Kind::kChunked || upstream.kind == Framing::Kind::kUntilClose;
  if (!open_ended) return upstream;
  return {.kind = client_minor == 0 ? Framing::Kind::kUntilClose : Framing::Kind::kChunked};
}

std::size_t render_response(const ResponseHead& head, const Framing& body,
                            const AnswerOptions& options, std::span<char> out_bytes) noexcept {
  Writer out(out_bytes);
  write_status_line(out, head.status, head.reason);
  const bool nominates =
      head.fields.has(FieldId::kConnection) && read_connection(head.fields).nominates;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const Field field = head.fields[i];
    if (field.id != FieldId::kOther &&
        (is_hop_by_hop(field.id) || field.id == FieldId::kContentLength)) {
      continue;
    }
    if (nominates && nominated(head.fields, field.name)) continue;
    if (is_among(options.replaced, field.name)) continue;
    write_field(out, field.name, field.value);
  }
  out.text(options.extra);
  write_framing(out, body);
  write_connection(out, options);
  out.text("\r\n");
  return written(out);
}

std::size_t render_answer(const Answer& answer, const AnswerOptions& options,
                          std::span<char> out_bytes) noexcept {
  Writer out(out_bytes);
  write_status_line(out, answer.status, {});
  if (!answer.content_type.empty()) write_field(out, "Content-Type", answer.content_type);
  // RFC 9110 section 8.6: no length where there can be no body.
  if (answer.status >= 200 && answer.status != 204) {
    out.text("Content-Length: ").number(answer.body.size()).text("\r\n");
  }
  out.text(options.extra);
  write_connection(out, options);
  out.text("\r\n");
  if (!answer.head_only) out.text(answer.body);
  return written(out);
}

}  // namespace headgate::http
