#include "headgate/ratelimit/fields.hpp"

#include <algorithm>
#include <string>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/core/writer.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStructuredIntegerMax = 999'999'999'999'999;  // RFC 9651 section 3.3.1
constexpr Duration kUnknownWait = std::chrono::seconds{1};

constexpr std::array<std::string_view, 3> kFamilyNames{"standard", "legacy", "x"};
constexpr std::array<std::string_view, 2> kOnNames{"all", "refused"};
constexpr std::array<std::string_view, 3> kLegacyFields{"RateLimit-Limit", "RateLimit-Remaining",
                                                        "RateLimit-Reset"};
constexpr std::array<std::string_view, 3> kXFields{"X-RateLimit-Limit", "X-RateLimit-Remaining",
                                                   "X-RateLimit-Reset"};

std::int64_t structured(std::int64_t value) noexcept {
  return std::clamp<std::int64_t>(value, 0, kStructuredIntegerMax);
}

/// A structured-field string: printable ASCII, with `"` and `\` escaped. What no such string can
/// hold becomes '?', so that no name can end the line.
void write_string(Writer& out, std::string_view text) noexcept {
  out.text("\"");
  for (const char c : text) {
    const bool printable = c >= 0x20 && c < 0x7f;
    if (c == '"' || c == '\\') out.text("\\");
    out.text(printable ? std::string_view{&c, 1} : "?");
  }
  out.text("\"");
}

void write_policy(Writer& out, const Label& label) noexcept {
  write_string(out, label.name);
  out.text(";q=").number(structured(label.quota.quota.count));
  if (label.quota.concurrent) {
    out.text(";qu=\"concurrent-requests\"");
  } else {
    out.text(";w=").number(structured(label.quota.window.count()));
  }
}

void write_status(Writer& out, const Label& label, const Standing& standing,
                  TimePoint now) noexcept {
  write_string(out, label.name);
  out.text(";r=").number(structured(standing.remaining.count));
  if (standing.more_after == kNever) return;
  // The answer goes out later than the limit was asked; the client's clock starts now.
  const Duration left = standing.more_after - (now - standing.at);
  out.text(";t=").number(structured(ceil_seconds(left)));
}

/// Whether an answer of that kind tells of the limit in that dialect.
bool is_told(const Label& label, FieldFamily family, const Telling& telling) noexcept {
  return label.families.has(family) && (telling.refused || label.on == FieldsOn::kAll);
}

void write_standard(Writer& out, std::span<const Label> labels, std::span<const Standing> standings,
                    const Telling& telling) noexcept {
  const auto list = [&](std::string_view field, auto has_item, auto write_item) {
    std::string_view before = field;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!is_told(labels[i], FieldFamily::kStandard, telling) || !has_item(i)) continue;
      out.text(before);
      write_item(i);
      before = ", ";
    }
    if (before != field) out.text("\r\n");
  };
  list(
      "RateLimit-Policy: ", [](std::size_t) { return true; },
      [&](std::size_t i) { write_policy(out, labels[i]); });
  list(
      "RateLimit: ", [&](std::size_t i) { return standings[i].known; },
      [&](std::size_t i) { write_status(out, labels[i], standings[i], telling.now); });
}

/// Whether `a` has a less share of its quota left than `b`, or as much and for longer.
bool tighter(const Label& label_a, const Standing& a, const Label& label_b,
             const Standing& b) noexcept {
  const auto of = [](const Standing& standing, const Label& other) {
    return static_cast<Int128>(std::max<std::int64_t>(standing.remaining.count, 0)) *
           other.quota.quota.count;
  };
  const Int128 share_a = of(a, label_b);
  const Int128 share_b = of(b, label_a);
  if (share_a != share_b) return share_a < share_b;
  if (a.reset_after == kNever || b.reset_after == kNever) return b.reset_after == kNever;
  return a.reset_after > b.reset_after;
}

/// In how many seconds, or at which one since 1970, the limit is whole again.
std::int64_t reset_of(const Standing& standing, FieldFamily family,
                      const Telling& telling) noexcept {
  const Duration from = family == FieldFamily::kX ? telling.epoch + standing.at.time_since_epoch()
                                                  : standing.at - telling.now;
  // A limit may take centuries to be whole again: the sum can be too large for a Duration.
  const Int128 at = static_cast<Int128>(from.count()) + standing.reset_after.count();
  return structured(static_cast<std::int64_t>(at <= 0 ? 0 : (at + kSecond - 1) / kSecond));
}

void write_single(Writer& out, FieldFamily family, std::span<const Label> labels,
                  std::span<const Standing> standings, const Telling& telling) noexcept {
  const std::size_t none = labels.size();
  std::size_t tightest = none;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!is_told(labels[i], family, telling) || !standings[i].known) continue;
    if (tightest == none ||
        tighter(labels[i], standings[i], labels[tightest], standings[tightest])) {
      tightest = i;
    }
  }
  if (tightest == none) return;
  const Standing& standing = standings[tightest];
  const auto line = [&, fields = single_fields(family)](std::size_t which, std::int64_t value) {
    out.text(fields[which]).text(": ").number(structured(value)).text("\r\n");
  };
  line(0, labels[tightest].quota.quota.count);
  line(1, standing.remaining.count);
  if (standing.reset_after != kNever) line(2, reset_of(standing, family, telling));
}

/// The enumerator whose name `text` is. Fails at `where`.
template <class Word, std::size_t kSize>
Result<Word> parse_word(std::string_view text, const std::array<std::string_view, kSize>& names,
                        std::string_view where, std::string_view expected) {
  const auto* found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<Word>(found - names.begin());
  return failed(Errc::kInvalidConfig, std::string{where}, "must be " + std::string{expected});
}

}  // namespace

Result<FieldFamily> parse_field_family(std::string_view text) {
  return parse_word<FieldFamily>(text, kFamilyNames, "fields", "standard, legacy or x");
}
std::string_view to_text(FieldFamily family) noexcept {
  return kFamilyNames[static_cast<std::size_t>(family)];
}

Result<FieldsOn> parse_fields_on(std::string_view text) {
  return parse_word<FieldsOn>(text, kOnNames, "fields_on", "all or refused");
}
std::string_view to_text(FieldsOn on) noexcept { return kOnNames[static_cast<std::size_t>(on)]; }

std::span<const std::string_view> single_fields(FieldFamily family) noexcept {
  switch (family) {
    case FieldFamily::kLegacy:
      return kLegacyFields;
    case FieldFamily::kX:
      return kXFields;
    case FieldFamily::kStandard:
      break;
  }
  return {};
}

std::size_t write_limit_fields(std::span<const Label> labels, std::span<const Standing> standings,
                               const Telling& telling, std::span<char> out) noexcept {
  HG_ASSERT(labels.size() == standings.size());
  Writer writer(out);
  write_standard(writer, labels, standings, telling);
  write_single(writer, FieldFamily::kLegacy, labels, standings, telling);
  write_single(writer, FieldFamily::kX, labels, standings, telling);
  return writer.fits() ? writer.size() : 0;
}

std::size_t write_retry_after(Duration wait, std::span<char> out) noexcept {
  if (wait == kNever) return 0;
  Writer writer(out);
  writer.text("Retry-After: ").number(std::max<std::int64_t>(ceil_seconds(wait), 1)).text("\r\n");
  return writer.fits() ? writer.size() : 0;
}

Duration wait_to_tell(const Decision& refusal, Duration jitter, Random& random) noexcept {
  if (refusal.reason == Reason::kNever) return kNever;
  const Duration wait = refusal.retry_after == kNever ? kUnknownWait : refusal.retry_after;
  if (jitter <= Duration::zero()) return wait;
  const Duration longest = std::min(jitter, kNever - Duration{1} - wait);
  return wait + Duration{random.below(static_cast<std::uint64_t>(longest.count()) + 1)};
}

std::int64_t ceil_seconds(Duration duration) noexcept {
  const std::int64_t ns = std::max<std::int64_t>(duration.count(), 0);
  return ns / kSecond + (ns % kSecond != 0 ? 1 : 0);
}

}  // namespace headgate::ratelimit
