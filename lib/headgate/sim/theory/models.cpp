// Formulas of limits, of attempts, of requests with parts or classes.
#include <cmath>
#include <numeric>

#include "headgate/core/check.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {

double fixed_window_refused(std::uint32_t limit, double mean) {
  // Weights relative to the one at the limit, in both directions until they vanish.
  double below = 1;  // of 0 … limit
  double term = 1;
  for (std::uint32_t n = limit; n > 0; --n) below += term *= n / mean;
  double above = 0;
  double excess = 0;
  term = 1;
  for (std::uint32_t n = limit + 1; term > 1e-18 || n < mean; ++n) {
    term *= mean / n;
    above += term;
    excess += (n - limit) * term;
  }
  return excess / (below + above) / mean;
}

Attempts repeated(double fail, std::uint32_t retries) {
  const double failed = std::pow(fail, retries + 1.0);
  return {.per_request = fail < 1 ? (1 - failed) / (1 - fail) : retries + 1.0, .failed = failed};
}

Tail hedged_tail(double delay) {
  return [delay](double t) { return t < delay ? std::exp(-t) : std::exp(-t - (t - delay)); };
}

Tail last_of_tail(std::uint32_t legs) {
  return [legs](double t) { return -std::expm1(legs * std::log1p(-std::exp(-t))); };
}

double harmonic(std::uint32_t n) {
  double sum = 0;
  for (std::uint32_t i = n; i > 0; --i) sum += 1.0 / i;
  return sum;
}

double fork_join_pair(double load) { return (12 - load) / 8 / (1 - load); }

Tail tandem_tail(double decay_first, double decay_second) {
  HG_ASSERT(decay_first != decay_second);
  return [a = decay_first, b = decay_second](double t) {
    return (a * std::exp(-b * t) - b * std::exp(-a * t)) / (a - b);
  };
}

double priority_wait(std::span<const double> loads, std::size_t index) {
  const double all = std::accumulate(loads.begin(), loads.end(), 0.0);
  const auto end = loads.begin() + static_cast<std::ptrdiff_t>(index);
  const double before = std::accumulate(loads.begin(), end, 0.0);
  return all / ((1 - before) * (1 - before - loads[index]));
}

double batch_response(double load, std::uint32_t batch) { return (batch + 1) / (2 * (1 - load)); }

Batching batching(double arrivals, std::uint32_t records) {
  // While a batch waits it holds k + 1 records for as long as k have come: in the mean for
  // P(more than k come in a linger) / rate. That area over the records is what each waits.
  double term = std::exp(-arrivals);
  double more = 1 - term;
  Batching result{.size = 1, .wait = 0};
  for (std::uint32_t k = 0; k + 2 <= records && more > 0; ++k) {
    result.size += more;
    result.wait += (k + 1) * more / arrivals;
    term *= arrivals / (k + 1);
    more -= term;
  }
  result.wait /= result.size;
  return result;
}

}  // namespace headgate::sim::theory
