#include "headgate/http/reason.hpp"

#include <array>

#include "headgate/core/check.hpp"

namespace headgate::http {
namespace {

struct Entry {
  Reason reason;
  int status;
  std::string_view type;
  std::string_view text;
};

// In the order of the enumeration; checked below.
constexpr std::array<Entry, kReasonCount> kEntries = {{
    {Reason::kNone, 0, "", ""},
    {Reason::kBareLf, 400, "urn:headgate:refused:BARE-LF", "a line ends in LF without CR"},
    {Reason::kBareCr, 400, "urn:headgate:refused:BARE-CR", "a CR is not followed by LF"},
    {Reason::kNul, 400, "urn:headgate:refused:NUL", "the head holds a NUL byte"},
    {Reason::kControl, 400, "urn:headgate:refused:CONTROL", "the head holds a control character"},
    {Reason::kRequestLine, 400, "urn:headgate:refused:REQUEST-LINE",
     "the request line is not a method, a target and a version with one blank between them"},
    {Reason::kMethod, 400, "urn:headgate:refused:METHOD",
     "the method is not a word of upper-case letters"},
    {Reason::kMethodUnknown, 501, "urn:headgate:refused:METHOD-UNKNOWN",
     "the method is not known here"},
    {Reason::kMethodRefused, 405, "urn:headgate:refused:METHOD-REFUSED",
     "CONNECT and TRACE are not served"},
    {Reason::kTarget, 400, "urn:headgate:refused:TARGET",
     "the target holds a character that no URI may hold"},
    {Reason::kTargetLong, 414, "urn:headgate:refused:TARGET-LONG",
     "the request line is longer than 8192 bytes"},
    {Reason::kVersion, 400, "urn:headgate:refused:VERSION",
     "the version is not of the form HTTP/1.1"},
    {Reason::kVersionUnsupported, 505, "urn:headgate:refused:VERSION-UNSUPPORTED",
     "only HTTP/1.0 and HTTP/1.1 are spoken"},
    {Reason::kStatusLine, 400, "urn:headgate:refused:STATUS-LINE",
     "the status line is not a version and three digits from 100 to 599"},
    {Reason::kFieldName, 400, "urn:headgate:refused:FIELD-NAME",
     "a field name is empty or not a token"},
    {Reason::kFieldColon, 400, "urn:headgate:refused:FIELD-COLON", "a field line has no colon"},
    {Reason::kFieldSpace, 400, "urn:headgate:refused:FIELD-SPACE",
     "a blank stands between a field name and its colon"},
    {Reason::kFieldUnderscore, 400, "urn:headgate:refused:FIELD-UNDERSCORE",
     "a field name holds an underscore, which some servers read as a hyphen"},
    {Reason::kObsFold, 400, "urn:headgate:refused:OBS-FOLD", "a field line starts with a blank"},
    {Reason::kFieldsMany, 431, "urn:headgate:refused:FIELDS-MANY",
     "there are more than 100 fields"},
    {Reason::kHeadLarge, 431, "urn:headgate:refused:HEAD-LARGE",
     "the head is larger than 16384 bytes"},
    {Reason::kClTe, 400, "urn:headgate:refused:CL-TE",
     "there are both a Content-Length and a Transfer-Encoding"},
    {Reason::kClSyntax, 400, "urn:headgate:refused:CL-SYNTAX",
     "the Content-Length is not a plain decimal number"},
    {Reason::kClMultiple, 400, "urn:headgate:refused:CL-MULTIPLE",
     "there is more than one Content-Length"},
    {Reason::kClLarge, 400, "urn:headgate:refused:CL-LARGE",
     "the Content-Length is not below 2^63"},
    {Reason::kTeNotChunked, 400, "urn:headgate:refused:TE-NOT-CHUNKED",
     "the Transfer-Encoding does not end in one chunked"},
    {Reason::kTeCoding, 501, "urn:headgate:refused:TE-CODING",
     "a transfer coding other than chunked is not known here"},
    {Reason::kTeMultiple, 400, "urn:headgate:refused:TE-MULTIPLE",
     "there is more than one Transfer-Encoding"},
    {Reason::kTeVersion, 400, "urn:headgate:refused:TE-VERSION",
     "HTTP/1.0 has no Transfer-Encoding"},
    {Reason::kHostMissing, 400, "urn:headgate:refused:HOST-MISSING", "there is no Host"},
    {Reason::kHostMultiple, 400, "urn:headgate:refused:HOST-MULTIPLE",
     "there is more than one Host"},
    {Reason::kHostSyntax, 400, "urn:headgate:refused:HOST-SYNTAX",
     "the Host is not a host with an optional port"},
    {Reason::kHostMismatch, 400, "urn:headgate:refused:HOST-MISMATCH",
     "the target names another host than the Host field"},
    {Reason::kConnectionSyntax, 400, "urn:headgate:refused:CONNECTION-SYNTAX",
     "Connection is not a list of at most 32 tokens"},
    {Reason::kConnectionNominates, 400, "urn:headgate:refused:CONNECTION-NOMINATES",
     "Connection names a field that frames, routes or authorises the message"},
    {Reason::kExpect, 417, "urn:headgate:refused:EXPECT", "the expectation is not 100-continue"},
    {Reason::kPathForm, 400, "urn:headgate:refused:PATH-FORM",
     "the target is neither a path nor an http URI"},
    {Reason::kPathPercent, 400, "urn:headgate:refused:PATH-PERCENT",
     "a % in the path is not followed by two digits"},
    {Reason::kPathDelimiter, 400, "urn:headgate:refused:PATH-DELIMITER",
     "the path hides a delimiter, a control character or a dot segment"},
    {Reason::kPathAboveRoot, 400, "urn:headgate:refused:PATH-ABOVE-ROOT",
     "the path climbs above its root"},
    {Reason::kChunkSize, 400, "urn:headgate:refused:CHUNK-SIZE",
     "a chunk size is not one to sixteen hexadecimal digits"},
    {Reason::kChunkLine, 400, "urn:headgate:refused:CHUNK-LINE",
     "a line of the chunked coding does not end in CRLF"},
    {Reason::kChunkExtension, 400, "urn:headgate:refused:CHUNK-EXTENSION",
     "a chunk extension is malformed"},
    {Reason::kChunkExtensionsLarge, 413, "urn:headgate:refused:CHUNK-EXTENSIONS-LARGE",
     "the chunk extensions are more than 16 or larger than 4096 bytes"},
    {Reason::kChunkDataEnd, 400, "urn:headgate:refused:CHUNK-DATA-END",
     "the data of a chunk is not followed by CRLF"},
    {Reason::kTrailerSyntax, 400, "urn:headgate:refused:TRAILER-SYNTAX",
     "a trailer is not a field line"},
    {Reason::kTrailersLarge, 431, "urn:headgate:refused:TRAILERS-LARGE",
     "the trailers are more than 32 or larger than 8192 bytes"},
    {Reason::kUpgradeUnasked, 400, "urn:headgate:refused:UPGRADE-UNASKED",
     "the protocol was switched without a request for it"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    if (static_cast<std::size_t>(kEntries[i].reason) != i) return false;
  }
  return true;
}
static_assert(in_order());

const Entry& entry(Reason reason) noexcept {
  HG_ASSERT(reason < Reason::kCount);
  return kEntries[static_cast<std::size_t>(reason)];
}

}  // namespace

std::string_view type_of(Reason reason) noexcept { return entry(reason).type; }

std::string_view id_of(Reason reason) noexcept {
  constexpr std::size_t kPrefix = std::string_view{"urn:headgate:refused:"}.size();
  return reason == Reason::kNone ? std::string_view{} : type_of(reason).substr(kPrefix);
}

std::string_view describe(Reason reason) noexcept { return entry(reason).text; }

int status_of(Reason reason) noexcept {
  HG_ASSERT(reason != Reason::kNone);
  return entry(reason).status;
}

}  // namespace headgate::http
