// Formulas of many servers with a queue each.
#include <algorithm>
#include <cmath>
#include <map>

#include "headgate/core/check.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// P(a server holds at least i) of infinitely many: load^((d^i - 1) / (d - 1)).
double holds_at_least(double load, std::uint32_t choices, std::uint32_t i) {
  double exponent = 0;
  for (std::uint32_t j = 0; j < i; ++j) exponent = exponent * choices + 1;
  return std::pow(load, exponent);
}

// The Markov chain of exchangeable queues: only how long they are counts, not whose they are.
class SortedQueues {
 public:
  using State = std::vector<std::uint32_t>;  // ascending

  SortedQueues(std::uint32_t servers, std::uint32_t choices, double load, std::uint32_t longest)
      : longest_(longest) {
    // Of `choices` distinct queues the shortest is that of rank i if the others rank above it.
    double above = 1;  // C(i, choices - 1) / C(servers, choices) for i queues above
    std::vector<double> ranks(servers);
    for (std::uint32_t i = 0; i < choices; ++i) above *= (i + 1.0) / (servers - i);
    for (std::uint32_t queues = choices - 1; queues < servers; ++queues) {
      ranks[servers - 1 - queues] = above * load * servers;
      above *= (queues + 1.0) / (queues + 2.0 - choices);
    }
    add_states(State(servers), 0, 0);
    connect(ranks);
  }

  // The mean number of requests in all queues.
  [[nodiscard]] double mean_number() const {
    std::vector<double> shares(states_.size(), 1.0 / static_cast<double>(states_.size()));
    double before = -1;
    for (int sweep = 0;; ++sweep) {
      relax(shares, sweep % 2 == 0);
      const double mean = mean_of(shares);
      if (sweep % 16 == 15) {
        if (std::abs(mean - before) < 1e-11 * mean) return mean;
        before = mean;
      }
    }
  }

 private:
  struct Inflow {
    std::uint32_t from;
    double rate;
  };

  void add_states(State state, std::size_t queue, std::uint32_t at_least) {
    if (queue == state.size()) {
      index_.emplace(state, static_cast<std::uint32_t>(states_.size()));
      states_.push_back(std::move(state));
      return;
    }
    for (std::uint32_t length = at_least; length <= longest_; ++length) {
      state[queue] = length;
      add_states(state, queue + 1, length);
    }
  }

  void connect(const std::vector<double>& ranks) {
    inflows_.resize(states_.size());
    outflows_.resize(states_.size());
    for (std::uint32_t from = 0; from < states_.size(); ++from) {
      for (std::size_t queue = 0; queue < ranks.size(); ++queue) {
        if (states_[from][queue] > 0) flow(from, queue, -1, 1);
        if (states_[from][queue] < longest_) flow(from, queue, +1, ranks[queue]);
      }
    }
  }

  void flow(std::uint32_t from, std::size_t queue, int step, double rate) {
    if (rate <= 0) return;
    State to = states_[from];
    to[queue] = static_cast<std::uint32_t>(static_cast<int>(to[queue]) + step);
    std::ranges::sort(to);
    inflows_[index_.at(to)].push_back({from, rate});
    outflows_[from] += rate;
  }

  // One pass of Gauss and Seidel, upwards or downwards: each state gets what flows in.
  void relax(std::vector<double>& shares, bool upwards) const {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const std::size_t state = upwards ? i : shares.size() - 1 - i;
      double in = 0;
      for (const Inflow& inflow : inflows_[state]) in += inflow.rate * shares[inflow.from];
      shares[state] = in / outflows_[state];
    }
  }

  [[nodiscard]] double mean_of(const std::vector<double>& shares) const {
    double sum = 0;
    double number = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      sum += shares[i];
      for (const std::uint32_t length : states_[i]) number += shares[i] * length;
    }
    return number / sum;
  }

  std::uint32_t longest_;
  std::vector<State> states_;
  std::map<State, std::uint32_t> index_;
  std::vector<std::vector<Inflow>> inflows_;
  std::vector<double> outflows_;
};

}  // namespace

double mean_field_response(double load, std::uint32_t choices) {
  double response = 0;
  for (std::uint32_t i = 1;; ++i) {
    const double term = holds_at_least(load, choices, i) / load;
    response += term;
    if (term < 1e-15) return response;
  }
}

Tail mean_field_response_tail(double load, std::uint32_t choices) {
  // Who finds i requests at the shortest of its choices stays for i + 1 exponential services.
  std::vector<double> finds;
  for (std::uint32_t i = 0; finds.empty() || finds.back() > 1e-16; ++i) {
    const double at_least = std::pow(holds_at_least(load, choices, i), choices);
    const double more = std::pow(holds_at_least(load, choices, i + 1), choices);
    finds.push_back(at_least - more);
  }
  return [finds = std::move(finds)](double t) {
    double erlang = 0;  // P(i + 1 services take longer than t)
    double term = std::exp(-t);
    double tail = 0;
    for (std::size_t i = 0; i < finds.size(); ++i) {
      erlang += term;
      term *= t / static_cast<double>(i + 1);
      tail += finds[i] * erlang;
    }
    return tail;
  };
}

double shortest_of_response(std::uint32_t servers, std::uint32_t choices, double load,
                            std::uint32_t longest) {
  HG_ASSERT(servers >= 2 && servers <= 4 && choices >= 1 && choices <= servers);
  const SortedQueues queues(servers, choices, load, longest);
  return queues.mean_number() / (load * servers);
}

}  // namespace headgate::sim::theory
