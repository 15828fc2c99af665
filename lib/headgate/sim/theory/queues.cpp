// Formulas of exponential servers: birth and death chains and what follows from them.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "headgate/core/check.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// The probabilities of a birth and death chain 0, 1, …, n from the ratios p[i + 1] / p[i]. The
// largest is set to 1 on the way, so that nothing overflows.
std::vector<double> birth_death(std::span<const double> ratios) {
  std::vector<double> logs{0};
  for (const double ratio : ratios) logs.push_back(logs.back() + std::log(ratio));
  const double largest = std::ranges::max(logs);
  std::vector<double> shares(logs.size());
  std::ranges::transform(logs, shares.begin(), [&](double l) { return std::exp(l - largest); });
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

}  // namespace

double quantile(const Tail& tail, double p) {
  HG_ASSERT(p > 0 && p < 1);
  if (tail(0) <= 1 - p) return 0;
  double high = 1;
  while (tail(high) > 1 - p) high *= 2;
  double low = high > 1 ? high / 2 : 0;
  while (high - low > 1e-12 * high) {
    const double middle = (low + high) / 2;
    (tail(middle) > 1 - p ? low : high) = middle;
  }
  return high;
}

double mean_up_to(const Tail& tail, double limit) {
  constexpr int kSteps = 2000;
  const double step = limit / kSteps;
  double sum = tail(0) + tail(limit);
  for (int i = 1; i < kSteps; ++i) sum += (i % 2 == 1 ? 4 : 2) * tail(i * step);
  return sum * step / 3;
}

double erlang_b(Servers servers) {
  double lost = 1;
  for (std::uint32_t i = 1; i <= servers.count; ++i) {
    lost = servers.work * lost / (i + servers.work * lost);
  }
  return lost;
}

double erlang_c(Servers servers) {
  HG_ASSERT(servers.work < servers.count);
  const double load = servers.work / servers.count;
  const double lost = erlang_b(servers);
  return lost / (1 - load * (1 - lost));
}

double mmc_wait(Servers servers) { return erlang_c(servers) / (servers.count - servers.work); }

Tail mmc_response_tail(Servers servers) {
  const double waits = erlang_c(servers);
  const double drain = servers.count - servers.work;  // of the wait, given that there is one
  return [waits, drain](double t) {
    const double served = std::exp(-t);
    // Wait and service are exponential both; with equal rates their sum has another form.
    const double both = std::abs(drain - 1) < 1e-9
                            ? (1 + t) * served
                            : (drain * served - std::exp(-drain * t)) / (drain - 1);
    return (1 - waits) * served + waits * both;
  };
}

Finite mmck(Servers servers, std::uint32_t places) {
  HG_ASSERT(places >= servers.count);
  std::vector<double> ratios;
  for (std::uint32_t i = 1; i <= places; ++i) {
    ratios.push_back(servers.work / std::min(i, servers.count));
  }
  const std::vector<double> number = birth_death(ratios);
  Finite result{.refused = number.back()};
  for (std::size_t i = 0; i < number.size(); ++i) {
    result.number += static_cast<double>(i) * number[i];
  }
  result.response = result.number / (servers.work * (1 - result.refused));
  return result;
}

Impatient erlang_a(Servers servers, double patience) {
  std::vector<double> ratios;
  double behind_peak = 0;  // the logarithm of a place's share over the largest one
  for (std::uint32_t i = 1; i <= servers.count || behind_peak > -45; ++i) {
    const double serving = std::min(i, servers.count);
    ratios.push_back(servers.work / (serving + (i - serving) / patience));
    behind_peak = std::min(0.0, behind_peak + std::log(ratios.back()));
  }
  const std::vector<double> number = birth_death(ratios);
  Impatient result;
  double queue = 0;
  for (std::size_t i = servers.count; i < number.size(); ++i) {
    result.waited += number[i];
    queue += static_cast<double>(i - servers.count) * number[i];
  }
  result.wait = queue / servers.work;
  result.gone = result.wait / patience;  // each who waits leaves at the rate 1 / patience
  return result;
}

Closed closed_loop(std::uint32_t clients, std::uint32_t servers, double think) {
  std::vector<double> ratios;
  ratios.reserve(clients);
  for (std::uint32_t i = 0; i < clients; ++i) {
    ratios.push_back((clients - i) / think / std::min(i + 1, servers));
  }
  const std::vector<double> number = birth_death(ratios);
  Closed result;
  double in_system = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    in_system += static_cast<double>(i) * number[i];
    result.throughput += static_cast<double>(std::min<std::size_t>(i, servers)) * number[i];
  }
  result.response = in_system / result.throughput;
  result.busy = result.throughput / servers;
  return result;
}

}  // namespace headgate::sim::theory
