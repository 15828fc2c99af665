// A bound on the calls in flight that several threads share, exact to the last place.
//
// The count and the limit are one 64-bit word, and a place is taken by one compare-and-swap on
// both. To read the count, compare, and then add would let as many too many through as there are
// threads between the two steps (Envoy's adaptive concurrency says so of itself). Here no admission
// ever makes the count exceed the limit of that instant; a limit that is lowered refuses until
// enough of the calls have ended, and never cancels one.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::resilience {

/// Thread-safe. It outlives its permits and does not move.
class Gate {
 public:
  /// A place among the calls in flight; empty if there was none. Its end gives the place back.
  class [[nodiscard]] Permit {
   public:
    Permit() noexcept = default;
    Permit(Permit&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), in_flight_(other.in_flight_) {}
    Permit& operator=(Permit&& other) noexcept {
      Permit taken{std::move(other)};  // it ends with what was held here
      std::swap(gate_, taken.gate_);
      std::swap(in_flight_, taken.in_flight_);
      return *this;
    }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit() { release(); }

    explicit operator bool() const noexcept { return gate_ != nullptr; }
    /// Calls in flight when it was taken, itself included: 1 to the limit.
    [[nodiscard]] std::uint32_t in_flight() const noexcept { return in_flight_; }
    void release() noexcept {
      if (Gate* gate = std::exchange(gate_, nullptr)) gate->leave();
    }

   private:
    friend class Gate;
    Permit(Gate& gate, std::uint32_t in_flight) noexcept : gate_(&gate), in_flight_(in_flight) {}
    Gate* gate_ = nullptr;
    std::uint32_t in_flight_ = 0;
  };

  explicit Gate(std::uint32_t limit) noexcept : word_(pack(limit, 0)) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() { HG_ASSERT(in_flight() == 0); }

  /// One compare-and-swap if there is room and nobody else is at it; one read if there is none.
  [[nodiscard]] Permit enter() noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (count_of(word) < limit_of(word)) {
      if (word_.compare_exchange_weak(word, word + 1, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return {*this, count_of(word) + 1};
      }
    }
    return {};
  }
  /// For the next calls; those in flight stay.
  void set_limit(std::uint32_t limit) noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (!word_.compare_exchange_weak(word, pack(limit, count_of(word)),
                                        std::memory_order_relaxed)) {
    }
  }
  [[nodiscard]] std::uint32_t limit() const noexcept {
    return limit_of(word_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] std::uint32_t in_flight() const noexcept {
    return count_of(word_.load(std::memory_order_relaxed));
  }

 private:
  void leave() noexcept {
    const std::uint64_t before = word_.fetch_sub(1, std::memory_order_release);
    HG_ASSERT(count_of(before) > 0);
  }
  static constexpr std::uint64_t pack(std::uint32_t limit, std::uint32_t count) noexcept {
    return std::uint64_t{limit} << 32 | count;
  }
  static constexpr std::uint32_t limit_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word >> 32);
  }
  static constexpr std::uint32_t count_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word);
  }

  std::atomic<std::uint64_t> word_;  // limit, then calls in flight
};

}  // namespace headgate::resilience
