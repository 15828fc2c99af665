// Field lines of a parsed head: names and values as places in the caller's buffer, and what the
// gateway must know about names: which it frames by, which belong to one connection only.
//
// Names that matter to framing and forwarding are recognised once, while parsing, so that
// everything after compares a byte and not a string.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "headgate/http/reason.hpp"

namespace headgate::http {

inline constexpr std::size_t kFieldsMax = 100;
/// Elements of all Connection lines together; each field to forward is compared with each of them.
inline constexpr std::size_t kConnectionOptionsMax = 32;

/// The names this library acts on; every other name is kOther.
enum class FieldId : std::uint8_t {
  kOther,
  kHost,
  kContentLength,
  kTransferEncoding,
  kConnection,
  kKeepAlive,
  kProxyConnection,
  kProxyAuthorization,
  kProxyAuthenticate,
  kTe,
  kTrailer,
  kUpgrade,
  kHttp2Settings,
  kExpect,
  kForwarded,
  kXForwardedFor,
  kXForwardedProto,
  kXForwardedHost,
  kXRealIp,
  kVia,
  kAuthorization,
  kCookie,
  kDate,
  kServer,
  kContentType,
  kRetryAfter,
  kCount  ///< how many there are; not a field
};

/// Recognises a name in any case. Cost: a few nanoseconds.
[[nodiscard]] FieldId field_id(std::string_view name) noexcept;

/// Fields that end at this hop and are never forwarded (RFC 9110 section 7.6.1), in either
/// direction: Connection and what it governs, and HTTP2-Settings, Proxy-Authorization,
/// Proxy-Authenticate.
[[nodiscard]] bool is_hop_by_hop(FieldId id) noexcept;

/// True if the two are equal but for the case of ASCII letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// True if `text` is one or more token characters (RFC 9110 section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// Without blanks and tabs at either end.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

struct Field {
  std::string_view name;   ///< as received; compare with `id` or equal_ignoring_case
  std::string_view value;  ///< without blanks at its ends; no control character but tab
  FieldId id = FieldId::kOther;
};

/// The field lines of one head, in order. Views into the buffer last given to the parser.
class Fields {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] Field operator[](std::size_t index) const noexcept {
    const Place& place = places_[index];
    return {.name = {base_ + place.name, place.name_size},
            .value = {base_ + place.value, place.value_size},
            .id = place.id};
  }
  /// Whether a field of that name is there. O(1).
  [[nodiscard]] bool has(FieldId id) const noexcept {
    return ((seen_ >> static_cast<unsigned>(id)) & 1U) != 0;
  }
  /// How many lines have that name. O(number of fields), O(1) if none.
  [[nodiscard]] std::size_t count(FieldId id) const noexcept;
  /// The value of the first line of that name; empty if there is none (or it is empty: see `has`).
  [[nodiscard]] std::string_view value(FieldId id) const noexcept;
  /// The same by name, in any case, for names without an id. O(number of fields).
  [[nodiscard]] std::string_view value(std::string_view name) const noexcept;
  /// Whether a line has that name, in any case.
  [[nodiscard]] bool has(std::string_view name) const noexcept;

  // For the parser.
  void clear() noexcept {
    count_ = 0;
    seen_ = 0;
  }
  void set_base(std::string_view buffer) noexcept { base_ = buffer.data(); }
  [[nodiscard]] const char* base() const noexcept { return base_; }
  /// False if there are kFieldsMax already. Both views lie in the first 64 KiB after the base.
  [[nodiscard]] bool add(std::string_view name, std::string_view value) noexcept;

 private:
  struct Place {
    std::uint16_t name;  // offset from base_
    std::uint16_t name_size;
    std::uint16_t value;
    std::uint16_t value_size;
    FieldId id;
  };

  const char* base_ = nullptr;
  std::size_t count_ = 0;
  std::uint32_t seen_ = 0;  // bit of each FieldId that occurs
  std::array<Place, kFieldsMax> places_;
};

static_assert(static_cast<unsigned>(FieldId::kCount) <= 32);

/// The next element of a comma-separated list: cuts it from `list`, without blanks around it; may
/// be empty (`a,,b`). Loop while `list` is not empty. Quotes are not understood: for lists of
/// tokens.
[[nodiscard]] std::string_view next_element(std::string_view& list) noexcept;

/// What all the Connection lines of a head say together.
struct Connection {
  Reason refused =
      Reason::kNone;  ///< not a list of tokens, or it nominates a field that it must not
  bool close = false;
  bool keep_alive = false;
  bool nominates = false;  ///< it names other fields, which then must not be forwarded
};
/// Nominating a field that frames, routes or authorises (Content-Length, Transfer-Encoding, Host,
/// Authorization, Cookie, Forwarded, X-Forwarded-*, Via, …) is refused: a proxy behind us would
/// strip what one before us relied on. O(length of the values).
[[nodiscard]] Connection read_connection(const Fields& fields) noexcept;
/// Whether a Connection line names `name`. Only worth asking if `nominates`.
[[nodiscard]] bool nominated(const Fields& fields, std::string_view name) noexcept;

}  // namespace headgate::http
