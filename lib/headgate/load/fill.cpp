#include "headgate/load/fill.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "headgate/core/random.hpp"
#include "headgate/core/text.hpp"

namespace headgate::load {
namespace {

constexpr std::string_view kData = "data.";
constexpr std::string_view kCaptured = "captured.";
constexpr std::string_view kRandom = "random:";

bool is_place(std::string_view name) {
  return name == "sequence" || name == "uuid" || name.starts_with(kRandom) ||
         name.starts_with(kData) || name.starts_with(kCaptured);
}

void append_decimal(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

void append_uuid(std::string& out, Random random) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::uint64_t, 2> words{random.bits(), random.bits()};
  words[0] = (words[0] & ~std::uint64_t{0xf000}) | 0x4000;                       // version 4
  words[1] = (words[1] & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);  // variant 10
  for (std::size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += kHex[(words[i / 16] >> (60 - 4 * (i % 16))) & 15];
  }
}

std::size_t index_of(std::span<const std::string> names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

std::unexpected<Error> unknown_name(std::string_view place, std::string_view what,
                                    std::span<const std::string> names) {
  return failed(Errc::kInvalidArgument, fmt::format("{{{}}}", place),
                names.empty() ? fmt::format("the plan has no {}", what)
                              : fmt::format("no such {}; there are: {}", what,
                                            fmt::join(names.begin(), names.end(), ", ")));
}

}  // namespace

Result<FillText::Place> FillText::read_place(std::string_view name, const PlaceNames& names) {
  Place place;
  if (name == "sequence") return place;
  if (name == "uuid") {
    place.kind = Kind::kUuid;
    return place;
  }
  if (name.starts_with(kRandom)) {
    const std::string_view range = name.substr(kRandom.size());
    const std::size_t dots = range.find("..");
    const auto low = parse_count(range.substr(0, dots));
    const auto high = dots == std::string_view::npos ? low : parse_count(range.substr(dots + 2));
    if (!low || !high || *low > *high || dots == std::string_view::npos) {
      return failed(Errc::kInvalidArgument, fmt::format("{{{}}}", name),
                    "a range is written {random:1..100}");
    }
    place.kind = Kind::kRandom;
    place.first = static_cast<std::uint64_t>(*low);
    place.count = static_cast<std::uint64_t>(*high - *low) + 1;
    return place;
  }
  const bool data = name.starts_with(kData);
  place.kind = data ? Kind::kData : Kind::kCaptured;
  static const std::vector<std::string> none;
  const auto known = !data                   ? names.captured
                     : names.data != nullptr ? names.data->columns
                                             : std::span{none};
  place.first = index_of(known, name.substr(data ? kData.size() : kCaptured.size()));
  if (place.first == known.size()) {
    return unknown_name(name, data ? "column of data" : "captured name", known);
  }
  return place;
}

Result<FillText> FillText::parse(std::string_view text, const PlaceNames& names) {
  FillText made;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    made.literal_.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string_view name =
        close == std::string_view::npos ? std::string_view{} : text.substr(1, close - 1);
    if (!is_place(name)) {
      made.literal_ += '{';
      text.remove_prefix(1);
      continue;
    }
    auto place = read_place(name, names);
    if (!place) return std::unexpected(place.error());
    place->before = made.literal_.size();
    made.places_.push_back(*place);
    text.remove_prefix(close + 1);
  }
  return made;
}

std::vector<std::size_t> FillText::columns() const {
  std::vector<std::size_t> used;
  for (const Place& place : places_) {
    if (place.kind == Kind::kData) used.push_back(place.first);
  }
  return used;
}

void FillText::append(const Fill& fill, std::string& out) const {
  std::size_t from = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    out.append(literal_, from, places_[i].before - from);
    from = places_[i].before;
    append(places_[i], i, fill, out);
  }
  out.append(literal_, from);
}

void FillText::append(const Place& place, std::uint64_t which, const Fill& fill,
                      std::string& out) const {
  switch (place.kind) {
    case Kind::kSequence:
      return append_decimal(out, fill.sequence);
    case Kind::kUuid:
      return append_uuid(out, Random::stream(fill.seed + which, "load", fill.sequence, "uuid"));
    case Kind::kRandom: {
      Random random = Random::stream(fill.seed + which, "load", fill.sequence, "random");
      return append_decimal(out, place.first + random.below(place.count));
    }
    case Kind::kData:
      out.append(fill.data->cell(fill.data->row_of(fill.sequence, fill.seed), place.first));
      return;
    case Kind::kCaptured:
      out.append(fill.captured[place.first]);
      return;
  }
}

}  // namespace headgate::load
