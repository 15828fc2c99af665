// What a limiter of catalog.hpp does with the table it has: here once, as each call is compiled for
// every kind of table.
#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

#include "headgate/ratelimit/catalog.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::size_t kLarge =
    std::size_t{256} * 1024;  // what a second-level cache has room for, beside others

/// std::visit, but that it compares where that calls by a table of functions if there are more than
/// eleven alternatives: the call is inline, and the first alternatives are the fastest.
template <std::size_t I = 0, class Table, class Call>
[[gnu::always_inline]] inline decltype(auto) on_table(Table& table, const Call& call) noexcept {
  if constexpr (I + 1 < std::variant_size_v<std::remove_const_t<Table>>) {
    if (table.index() != I) return on_table<I + 1>(table, call);
  }
  return call(*std::get_if<I>(&table));
}

}  // namespace

Limiter::Limiter(Spec spec, std::uint64_t seed, Table table)
    : spec_(std::move(spec)),
      seed_(seed),
      table_(std::move(table)),
      is_large_(on_table(table_, [](const auto& made) { return made.bytes() > kLarge; })),
      holds_places_(quota().concurrent) {}

Decision Limiter::admit(std::uint64_t key, TimePoint now, Tokens cost) noexcept {
  return on_table(table_, [&](auto& table) { return table.admit(key, now, cost); });
}

Decision Limiter::peek(std::uint64_t key, TimePoint now, Tokens cost) noexcept {
  return on_table(table_, [&](auto& table) { return table.peek(key, now, cost); });
}

void Limiter::refund(std::uint64_t key, TimePoint now, Tokens cost) noexcept {
  on_table(table_, [&](auto& table) { table.refund(key, now, cost); });
}

void Limiter::fetch(std::uint64_t key) const noexcept {
  on_table(table_, [&](const auto& table) { table.prefetch(key); });
}

std::size_t Limiter::hold(std::uint64_t key, TimePoint now, Tokens cost) noexcept {
  return on_table(table_, [&](auto& table) { return table.hold(key, now, cost); });
}

Decision Limiter::commit(std::uint64_t key, std::size_t held, TimePoint now, Tokens cost) noexcept {
  return on_table(table_, [&](auto& table) { return table.commit(key, held, now, cost); });
}

void Limiter::release(std::uint64_t key) noexcept {
  on_table(table_, [&](auto& table) { table.release(key); });
}

Quota Limiter::quota() const noexcept {
  return on_table(table_, [](const auto& table) { return table.policy().quota(); });
}

TableCounters Limiter::counters(TimePoint now) noexcept {
  return on_table(table_, [&](auto& table) { return table.counters(now); });
}

}  // namespace headgate::ratelimit
