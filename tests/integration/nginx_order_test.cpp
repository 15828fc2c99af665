// The turns of a real nginx against ours, one by one. nginx is started here in front of itself: for
// each set of weights there is an upstream group, and the servers of the groups answer with their
// own number.
#include <catch2/catch.hpp>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/core/random.hpp"
#include "support/http_client.hpp"
#include "support/nginx.hpp"

namespace headgate::test {
namespace {

using Weights = std::vector<std::uint32_t>;

/// Ties, primes, one that outweighs the rest, the light ones first, and a common divisor.
const std::vector<Weights> kGroups{{5, 1, 1},    {4, 3, 2, 1},         {1, 1, 1},    {10, 3, 7},
                                   {6, 2, 4, 2}, {1, 2, 3, 4, 5, 100}, {2, 2, 1, 2}, {7},
                                   {1, 50},      {13, 13, 11, 17, 19}};
constexpr std::size_t kServers = 6;  // in the largest group

/// The inside of nginx' http block: `/g3` is answered through the fourth group. The servers listen
/// on sockets in its folder, so that it needs but one port.
std::string groups_of_servers() {
  const auto socket_of = [](std::size_t server) {
    return "unix:$DIR/$PORT0-" + std::to_string(server);
  };
  std::string groups;
  std::string locations;
  for (std::size_t group = 0; group < kGroups.size(); ++group) {
    const std::string name = "g" + std::to_string(group);
    groups += "  upstream " + name + " {\n";
    for (std::size_t i = 0; i < kGroups[group].size(); ++i) {
      groups.append("    server ").append(socket_of(i));
      groups.append(" weight=").append(std::to_string(kGroups[group][i])).append(";\n");
    }
    groups += "  }\n";
    locations += "    location /" + name + " { proxy_pass http://" + name + "; }\n";
  }
  std::string servers;
  for (std::size_t i = 0; i < kServers; ++i) {
    servers += "  server { listen " + socket_of(i) + "; return 200 " + std::to_string(i) + "; }\n";
  }
  return groups + servers + "  server {\n    listen 127.0.0.1:$PORT0;\n" + locations + "  }\n";
}

balance::Pool pool_of(const Weights& weights) {
  std::vector<balance::TargetInfo> infos;
  for (const std::uint32_t weight : weights) {
    infos.push_back({.id = infos.size() + 1, .weight = weight});
  }
  return balance::Pool::make({.policy = "weighted_round_robin"}, infos).value();
}

TEST_CASE("weighted round robin: a real nginx takes the same turns, one by one") {
  const Nginx nginx{groups_of_servers(), 1};
  for (std::size_t group = 0; group < kGroups.size(); ++group) {
    const Weights& weights = kGroups[group];
    CAPTURE(group);
    const std::string path = "/g" + std::to_string(group);
    const std::uint32_t round = std::accumulate(weights.begin(), weights.end(), 0U);
    HttpClient client{nginx.address()};
    balance::Pool pool = pool_of(weights);
    Random unused{1};
    // Two rounds, and the beginning of the third.
    for (std::uint32_t turn = 0; turn < 2 * round + 3; ++turn) {
      CAPTURE(turn);
      const HttpResponse response = client.request("GET", path);
      REQUIRE(response.status == 200);
      const std::size_t ours = pool.pick({}, unused).value();
      REQUIRE(response.body == std::to_string(ours));
      pool.release(ours);
    }
  }
}

}  // namespace
}  // namespace headgate::test
