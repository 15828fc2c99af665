// Exact results of queueing theory as functions: what `sim theory` holds the simulator against.
//
// One unit of time everywhere: the mean service time, so that a rate of arrivals to one server is
// its load. Every sum has positive terms only or is solved by bisection, so that plain doubles are
// right to about 1e-9 (the alternating series of the textbooks need sixty digits). All are pure and
// thread-safe. "Kleinrock" is L. Kleinrock, Queueing Systems I, 1975.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace headgate::sim::theory {

/// P(X > t), falling in t from at most 1.
using Tail = std::function<double(double t)>;
/// The least t >= 0 with tail(t) <= 1 - p, to twelve digits. Requires: 0 < p < 1, a tail that
/// reaches 0.
[[nodiscard]] double quantile(const Tail& tail, double p);
/// The mean of min(X, limit) by Simpson's rule, right to 1e-8 for tails that are smooth to `limit`.
[[nodiscard]] double mean_up_to(const Tail& tail, double limit);

// ---- Servers behind one queue ----

/// `count` servers that are offered `work`: arrivals per mean service time.
struct Servers {
  std::uint32_t count = 1;
  double work = 0;
};

/// The share lost without a queue; it depends on the mean service time alone. Kleinrock, 3.7;
/// B. Sevastyanov, 1957.
[[nodiscard]] double erlang_b(Servers servers);
/// The share that waits. Requires: work < count. Kleinrock, 3.5.
[[nodiscard]] double erlang_c(Servers servers);
/// Mean wait of M/M/c, of all requests.
[[nodiscard]] double mmc_wait(Servers servers);
/// P(wait + service > t) of M/M/c, first come first served.
[[nodiscard]] Tail mmc_response_tail(Servers servers);

/// A queue with a last place: what is refused, and how long the others stay.
struct Finite {
  double refused = 0;   ///< share
  double number = 0;    ///< mean in the system
  double response = 0;  ///< mean of those admitted
};
/// M/M/c/K: `places` in the system, those in service included; at least `count`. Kleinrock, 3.6.
[[nodiscard]] Finite mmck(Servers servers, std::uint32_t places);

/// M/M/c with customers who leave the queue after an exponential patience of mean `patience`.
struct Impatient {
  double gone = 0;    ///< share that leaves unserved
  double waited = 0;  ///< share that does not start at once
  double wait = 0;    ///< mean in the queue, of all
};
/// Erlang's A model. Source: A. Mandelbaum, S. Zeltyn, "Service engineering in action", 2007.
[[nodiscard]] Impatient erlang_a(Servers servers, double patience);

/// `clients` who each think for an exponential time of mean `think`, then ask `servers` servers.
struct Closed {
  double throughput = 0;  ///< per mean service time
  double response = 0;
  double busy = 0;  ///< share of the servers
};
/// The machine repair model, M/M/c//N; with one server Reiser and Lavenberg's MVA. Kleinrock, 3.8.
[[nodiscard]] Closed closed_loop(std::uint32_t clients, std::uint32_t servers, double think);

// ---- One server ----

/// Pollaczek and Khinchine: mean wait of M/G/1 by the squared coefficient of variation of its
/// service. Kleinrock, 5.7.
[[nodiscard]] double mg1_wait(double load, double cv2);
/// P(wait > t) of M/D/1. Source: G. J. Franx, Oper. Res. Letters 29, 2001, for one server: a sum of
/// positive terms.
[[nodiscard]] Tail md1_wait_tail(double load);
/// M/D/1/K: `places` in the system.
[[nodiscard]] Finite md1k(double load, std::uint32_t places);

/// Exponential of `rate[i]` with probability `share[i]`.
struct HyperExponential {
  double share[2];
  double rate[2];
};
/// Mean 1 and this squared coefficient of variation (> 1), with equal work in both branches.
[[nodiscard]] HyperExponential balanced_means(double cv2);
/// P(wait > t) of M/H2/1, the two poles of Pollaczek's transform. Kleinrock, 5.7.
[[nodiscard]] Tail mh21_wait_tail(const HyperExponential& service, double load);

/// G/M/1: the root below 1 of sigma = A*(1 - sigma), A* the transform of the time between arrivals.
/// The response time is exponential of mean 1 / (1 - sigma). Kleinrock, 6.4.
[[nodiscard]] double gm1_sigma(const std::function<double(double s)>& transform);
/// Arrivals in `stages` Poisson stages: each server's under round robin over as many.
[[nodiscard]] double erlang_arrivals_sigma(double load, std::uint32_t stages);
/// Arrivals at equal distances.
[[nodiscard]] double paced_sigma(double load);
/// Arrivals with hyperexponential distances of mean 1 / load.
[[nodiscard]] double hyperexponential_arrivals_sigma(double load, const HyperExponential& shape);

// ---- Many servers, a queue each ----

/// Mean response time of infinitely many servers when each request goes to the shortest queue of
/// `choices` drawn at random. Source: N. Vvedenskaya et al., Probl. Inf. Transm. 32(1), 1996;
/// M. Mitzenmacher, IEEE TPDS 12(10), 2001.
[[nodiscard]] double mean_field_response(double load, std::uint32_t choices);
/// P(response > t) of the same.
[[nodiscard]] Tail mean_field_response_tail(double load, std::uint32_t choices);
/// Mean response time of 2 to 4 servers when each request goes to the shortest queue of `choices`
/// distinct ones; all of them: join the shortest queue. The Markov chain of the sorted queues, cut
/// where they hold `longest`, solved by Gauss and Seidel's iteration.
[[nodiscard]] double shortest_of_response(std::uint32_t servers, std::uint32_t choices, double load,
                                          std::uint32_t longest);

// ---- Limits ----

/// E[(N - limit)+] / mean for N Poisson: what a window that counts refuses.
[[nodiscard]] double fixed_window_refused(std::uint32_t limit, double mean);

// ---- Attempts ----

/// Attempts that each fail with probability `fail`, at most 1 + `retries`.
struct Attempts {
  double per_request = 0;
  double failed = 0;  ///< share of the requests
};
[[nodiscard]] Attempts repeated(double fail, std::uint32_t retries);
/// P(T > t) of an exponential time and a second one that starts at `delay`, whichever ends first.
/// Source: J. Dean, L. Barroso, CACM 56(2), 2013.
[[nodiscard]] Tail hedged_tail(double delay);

// ---- Parts and classes ----

/// P(T > t) of the last of `legs` exponential times that start at once; its mean is
/// harmonic(legs).
[[nodiscard]] Tail last_of_tail(std::uint32_t legs);
/// 1 + 1/2 + … + 1/n.
[[nodiscard]] double harmonic(std::uint32_t n);
/// Mean time until both of two M/M/1 queues have answered that each request joins. Source: R.
/// Nelson, A. Tantawi, IEEE Trans. Comput. 37(6), 1988; L. Flatto, S. Hahn, 1984.
[[nodiscard]] double fork_join_pair(double load);
/// P(T > t) through two M/M/1 queues in a row, whose sojourns are independent. The decays are
/// service rate minus arrival rate, and differ. Source: E. Reich, Ann. Math. Stat. 28, 1957.
[[nodiscard]] Tail tandem_tail(double decay_first, double decay_second);
/// Mean wait of class `index` in M/M/1 where lower classes go first and none is interrupted.
/// Source: A. Cobham, Oper. Res. 2, 1954.
[[nodiscard]] double priority_wait(std::span<const double> loads, std::size_t index);
/// Mean response time of M/M/1 when `batch` requests come at once. Source: D. Gross, C. Harris,
/// Fundamentals of Queueing Theory, 1974, 3.1.
[[nodiscard]] double batch_response(double load, std::uint32_t batch);

// ---- Producers ----

/// Batches that are sent a linger after their first record, or with `records` in them.
struct Batching {
  double size = 0;  ///< mean number of records
  double wait = 0;  ///< mean of a record for its batch, in lingers
};
/// `arrivals`: Poisson records in a linger. A batch holds 1 + min(Poisson, records - 1) records.
[[nodiscard]] Batching batching(double arrivals, std::uint32_t records);

}  // namespace headgate::sim::theory
