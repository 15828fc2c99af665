// Formulas of one server whose service, or whose arrivals, are not exponential.
#include <cmath>
#include <numeric>

#include "headgate/core/check.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// P(A = k) for k = 0 … count - 1, A the Poisson arrivals of mean `mean` in one service.
std::vector<double> poisson_shares(double mean, std::size_t count) {
  std::vector<double> shares{std::exp(-mean)};
  while (shares.size() < count) {
    shares.push_back(shares.back() * mean / static_cast<double>(shares.size()));
  }
  return shares;
}

// P(N = n), n = 0 … count - 1, of the number in an M/D/1 system, all over P(N = 0).
//
// What goes up through a level at the ends of services comes down through it: only a service
// without arrivals goes down, by one. The equation has positive terms alone. With a last place the
// chain is the same below it, so that M/D/1/K needs no more.
std::vector<double> md1_numbers(double load, std::size_t count) {
  const std::vector<double> arrivals = poisson_shares(load, count + 1);
  std::vector<double> more(count + 1);  // P(A > k)
  // Summed from the far end: a difference from 1 would lose the small ones.
  double term = arrivals.back();
  double sum = 0;
  for (std::size_t k = count + 1; term > 1e-300 && term > sum * 1e-17; ++k) {
    term *= load / static_cast<double>(k);
    sum += term;
  }
  for (std::size_t k = count + 1; k-- > 0;) {
    more[k] = sum;
    sum += arrivals[k];
  }
  std::vector<double> numbers{1};
  while (numbers.size() < count) {
    const std::size_t j = numbers.size() - 1;
    double up = more[j];  // from the empty system, which first waits for one arrival
    for (std::size_t i = 1; i <= j; ++i) up += numbers[i] * more[j - i + 1];
    numbers.push_back(up / arrivals[0]);
  }
  return numbers;
}

}  // namespace

double mg1_wait(double load, double cv2) { return load * (1 + cv2) / (2 * (1 - load)); }

Tail md1_wait_tail(double load) {
  // As far as any quantile that is asked for: the tail falls by more than a half in 1 / (1 - load).
  const auto count = static_cast<std::size_t>(10 + 30 / (1 - load));
  std::vector<double> waiting_up_to = md1_numbers(load, count + 1);
  for (double& number : waiting_up_to) number *= 1 - load;
  std::partial_sum(waiting_up_to.begin(), waiting_up_to.end(), waiting_up_to.begin());
  waiting_up_to.erase(waiting_up_to.begin());  // one more in the system than in the queue
  return [load, waiting_up_to = std::move(waiting_up_to)](double t) {
    const auto slots = static_cast<std::size_t>(t) + 1;  // slots - 1 <= t < slots
    if (slots > waiting_up_to.size()) return 0.0;
    const double mean = load * (static_cast<double>(slots) - t);
    double term = std::exp(-mean);
    double at_most = 0;
    for (std::size_t j = 0; j < slots; ++j) {
      at_most += waiting_up_to[slots - 1 - j] * term;
      term *= mean / static_cast<double>(j + 1);
    }
    return 1 - at_most;
  };
}

Finite md1k(double load, std::uint32_t places) {
  std::vector<double> numbers = md1_numbers(load, places);  // as services leave them behind
  const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
  for (double& number : numbers) number /= sum;
  // Per service there is one service time, and an idle time after those that leave nobody behind.
  const double cycle = numbers[0] / load + 1;
  Finite result{.refused = 1 - 1 / (load * cycle)};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    result.number += static_cast<double>(i) * numbers[i] / (load * cycle);
  }
  result.number += places * result.refused;
  result.response = result.number * cycle;
  return result;
}

HyperExponential balanced_means(double cv2) {
  HG_ASSERT(cv2 > 1);
  const double share = (1 + std::sqrt((cv2 - 1) / (cv2 + 1))) / 2;
  return {.share = {share, 1 - share}, .rate = {2 * share, 2 * (1 - share)}};
}

Tail mh21_wait_tail(const HyperExponential& service, double load) {
  const auto& [share, rate] = service;
  const double sum = rate[0] + rate[1] - load;
  const double product = rate[0] * rate[1] * (1 - load);
  const double root = std::sqrt(sum * sum - 4 * product);
  const double slow = 2 * product / (sum + root);  // of the two decays, without cancellation
  const double fast = (sum + root) / 2;
  const auto weight = [&](double decay, double other) {
    return (1 - load) * (rate[0] - decay) * (rate[1] - decay) / (other - decay) / decay;
  };
  return [slow, fast, of_slow = weight(slow, fast), of_fast = weight(fast, slow)](double t) {
    return of_slow * std::exp(-slow * t) + of_fast * std::exp(-fast * t);
  };
}

double gm1_sigma(const std::function<double(double s)>& transform) {
  double low = 0;
  double high = 1 - 1e-12;  // 1 itself is a root always; the other lies below it
  while (high - low > 1e-15) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    (transform(1 - middle) > middle ? low : high) = middle;
  }
  return (low + high) / 2;
}

double erlang_arrivals_sigma(double load, std::uint32_t stages) {
  return gm1_sigma([load, stages](double s) {
    return std::pow(stages * load / (stages * load + s), static_cast<double>(stages));
  });
}

double paced_sigma(double load) {
  return gm1_sigma([load](double s) { return std::exp(-s / load); });
}

double hyperexponential_arrivals_sigma(double load, const HyperExponential& shape) {
  return gm1_sigma([load, shape](double s) {
    double sum = 0;
    for (int i = 0; i < 2; ++i) {
      sum += shape.share[i] * shape.rate[i] * load / (shape.rate[i] * load + s);
    }
    return sum;
  });
}

}  // namespace headgate::sim::theory
