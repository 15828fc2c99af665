#include "headgate/http/fields.hpp"

#include <algorithm>

#include "headgate/http/char_class.hpp"

namespace headgate::http {
namespace {

struct Known {
  std::string_view name;  // lower case
  FieldId id;
};

// By length, so that a name meets only those of its own.
constexpr std::array kKnown = {
    Known{"te", FieldId::kTe},
    Known{"via", FieldId::kVia},
    Known{"host", FieldId::kHost},
    Known{"date", FieldId::kDate},
    Known{"cookie", FieldId::kCookie},
    Known{"server", FieldId::kServer},
    Known{"expect", FieldId::kExpect},
    Known{"upgrade", FieldId::kUpgrade},
    Known{"trailer", FieldId::kTrailer},
    Known{"forwarded", FieldId::kForwarded},
    Known{"x-real-ip", FieldId::kXRealIp},
    Known{"connection", FieldId::kConnection},
    Known{"keep-alive", FieldId::kKeepAlive},
    Known{"retry-after", FieldId::kRetryAfter},
    Known{"content-type", FieldId::kContentType},
    Known{"authorization", FieldId::kAuthorization},
    Known{"content-length", FieldId::kContentLength},
    Known{"http2-settings", FieldId::kHttp2Settings},
    Known{"x-forwarded-for", FieldId::kXForwardedFor},
    Known{"x-forwarded-host", FieldId::kXForwardedHost},
    Known{"proxy-connection", FieldId::kProxyConnection},
    Known{"transfer-encoding", FieldId::kTransferEncoding},
    Known{"x-forwarded-proto", FieldId::kXForwardedProto},
    Known{"proxy-authenticate", FieldId::kProxyAuthenticate},
    Known{"proxy-authorization", FieldId::kProxyAuthorization},
};
static_assert(std::is_sorted(kKnown.begin(), kKnown.end(), [](const Known& a, const Known& b) {
  return a.name.size() < b.name.size();
}));
static_assert(kKnown.size() + 1 == static_cast<std::size_t>(FieldId::kCount));

constexpr std::size_t kNameSizeMax = kKnown.back().name.size();

// kStarts[n] is the first known name of n bytes or more.
constexpr auto kStarts = [] {
  std::array<std::uint8_t, kNameSizeMax + 2> starts{};
  for (std::size_t size = 0; size < starts.size(); ++size) {
    std::size_t first = 0;
    while (first < kKnown.size() && kKnown[first].name.size() < size) ++first;
    starts[size] = static_cast<std::uint8_t>(first);
  }
  return starts;
}();

// `known` is lower case; the comparison is exact because `name` is made of token characters, where
// setting bit 5 maps nothing but an upper-case letter onto a letter, digit or hyphen.
bool matches(std::string_view name, std::string_view known) noexcept {
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (static_cast<char>(name[i] | 0x20) != known[i]) return false;
  }
  return true;
}

constexpr std::uint32_t bits(std::initializer_list<FieldId> ids) {
  std::uint32_t set = 0;
  for (const FieldId id : ids) set |= 1U << static_cast<unsigned>(id);
  return set;
}

constexpr std::uint32_t kHopByHop = bits(
    {FieldId::kConnection, FieldId::kKeepAlive, FieldId::kProxyConnection,
     FieldId::kProxyAuthorization, FieldId::kProxyAuthenticate, FieldId::kTe, FieldId::kTrailer,
     FieldId::kTransferEncoding, FieldId::kUpgrade, FieldId::kHttp2Settings});

// What somebody before or behind us decides by: never to be stripped at a sender's wish.
constexpr std::uint32_t kProtected =
    bits({FieldId::kHost, FieldId::kContentLength, FieldId::kTransferEncoding, FieldId::kExpect,
          FieldId::kForwarded, FieldId::kXForwardedFor, FieldId::kXForwardedProto,
          FieldId::kXForwardedHost, FieldId::kXRealIp, FieldId::kVia, FieldId::kAuthorization,
          FieldId::kCookie, FieldId::kContentType});

bool in(std::uint32_t set, FieldId id) noexcept {
  return ((set >> static_cast<unsigned>(id)) & 1U) != 0;
}

void read_option(std::string_view option, Connection& connection) noexcept {
  if (!is_token(option)) {
    connection.refused = Reason::kConnectionSyntax;
  } else if (equal_ignoring_case(option, "close")) {
    connection.close = true;
  } else if (equal_ignoring_case(option, "keep-alive")) {
    connection.keep_alive = true;
  } else if (const FieldId id = field_id(option); in(kProtected, id)) {
    connection.refused = Reason::kConnectionNominates;
  } else if (!is_hop_by_hop(id)) {
    connection.nominates = true;
  }
}

}  // namespace

FieldId field_id(std::string_view name) noexcept {
  if (name.size() > kNameSizeMax) return FieldId::kOther;
  for (std::size_t i = kStarts[name.size()]; i < kStarts[name.size() + 1]; ++i) {
    if (matches(name, kKnown[i].name)) return kKnown[i].id;
  }
  return FieldId::kOther;
}

bool is_hop_by_hop(FieldId id) noexcept { return in(kHopByHop, id); }

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return detail::lower(x) == detail::lower(y);
         });
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return detail::is(c, detail::kToken | detail::kUnderscore);
  });
}

std::string_view trim(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t Fields::count(FieldId id) const noexcept {
  if (!has(id)) return 0;
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(count_),
                    [id](const Place& place) { return place.id == id; }));
}

std::string_view Fields::value(FieldId id) const noexcept {
  if (!has(id)) return {};
  for (std::size_t i = 0; i < count_; ++i) {
    if (places_[i].id == id) return (*this)[i].value;
  }
  return {};
}

std::string_view Fields::value(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (places_[i].name_size == name.size() && equal_ignoring_case((*this)[i].name, name)) {
      return (*this)[i].value;
    }
  }
  return {};
}

bool Fields::has(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (places_[i].name_size == name.size() && equal_ignoring_case((*this)[i].name, name)) {
      return true;
    }
  }
  return false;
}

bool Fields::add(std::string_view name, std::string_view value) noexcept {
  if (count_ == kFieldsMax) return false;
  const FieldId id = field_id(name);
  places_[count_++] = {.name = static_cast<std::uint16_t>(name.data() - base_),
                       .name_size = static_cast<std::uint16_t>(name.size()),
                       .value = static_cast<std::uint16_t>(value.data() - base_),
                       .value_size = static_cast<std::uint16_t>(value.size()),
                       .id = id};
  seen_ |= 1U << static_cast<unsigned>(id);
  return true;
}

std::string_view next_element(std::string_view& list) noexcept {
  const std::size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return element;
}

Connection read_connection(const Fields& fields) noexcept {
  Connection connection;
  if (!fields.has(FieldId::kConnection)) return connection;
  std::size_t count = 0;
  for (std::size_t i = 0; i < fields.size() && connection.refused == Reason::kNone; ++i) {
    const Field field = fields[i];
    if (field.id != FieldId::kConnection) continue;
    std::string_view list = field.value;
    while (!list.empty() && connection.refused == Reason::kNone) {
      // Empty elements are legal (RFC 9110 section 5.6.1.2) and say nothing.
      const std::string_view option = next_element(list);
      if (!option.empty()) read_option(option, connection);
      if (++count > kConnectionOptionsMax) connection.refused = Reason::kConnectionSyntax;
    }
  }
  return connection;
}

bool nominated(const Fields& fields, std::string_view name) noexcept {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field field = fields[i];
    if (field.id != FieldId::kConnection) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      if (equal_ignoring_case(next_element(list), name)) return true;
    }
  }
  return false;
}

}  // namespace headgate::http
