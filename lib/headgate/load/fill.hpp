// Text with places that are filled anew for each request: `/orders/{sequence}`.
//
//   {sequence}        the request's place in the schedule, from 0
//   {uuid}            a random UUID (RFC 9562, version 4)
//   {random:1..100}   a whole number of that range, both ends with it
//   {data.COLUMN}     the cell of the request's row in the plan's data
//   {captured.NAME}   what this client last captured under that name; empty before that
//
// Everything random is drawn from the run's seed and the request's number, so equal seeds send
// equal bytes, whatever the number of threads or connections. Other braces stand for themselves: a
// body is often JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/config/data_table.hpp"
#include "headgate/core/result.hpp"

namespace headgate::load {

/// What the places of one request are filled with. The spans outlive it.
struct Fill {
  std::uint64_t sequence = 0;
  std::uint64_t seed = 1;
  const config::DataTable* data = nullptr;     ///< null: the plan has none
  std::span<const std::string> captured = {};  ///< of this client, by index of its name
};

/// The names that places may use.
struct PlaceNames {
  const config::DataTable* data = nullptr;
  std::span<const std::string> captured = {};
};

class FillText {
 public:
  FillText() = default;
  /// Fails with kInvalidArgument for a place that starts like one of the above and is none: an
  /// unknown column or name (`why` says which there are), a range that is none.
  [[nodiscard]] static Result<FillText> parse(std::string_view text, const PlaceNames& names);

  /// Whether it differs from request to request.
  [[nodiscard]] bool varies() const noexcept { return !places_.empty(); }
  /// The columns of data that it uses.
  [[nodiscard]] std::vector<std::size_t> columns() const;
  /// Appends the filled text. Requires: `fill` has what the names of `parse` promised.
  void append(const Fill& fill, std::string& out) const;

 private:
  enum class Kind : std::uint8_t { kSequence, kUuid, kRandom, kData, kCaptured };
  struct Place {
    std::size_t before = 0;  // end of the literal text before it
    Kind kind = Kind::kSequence;
    std::uint64_t first = 0;  // kRandom: its low end; kData: column; kCaptured: index
    std::uint64_t count = 0;  // kRandom: how many numbers
  };

  [[nodiscard]] static Result<Place> read_place(std::string_view name, const PlaceNames& names);
  void append(const Place& place, std::uint64_t which, const Fill& fill, std::string& out) const;

  std::string literal_;  // all literal text, in order
  std::vector<Place> places_;
};

}  // namespace headgate::load
