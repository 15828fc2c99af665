// The turns of a real nginx against ours, one by one. nginx is started here in front of itself: for
// each set of weights there is an upstream group, and the servers of the groups answer with their
// own number.
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/core/random.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"

namespace headgate::test {
namespace {

using Weights = std::vector<std::uint32_t>;

/// Ties, primes, one that outweighs the rest, the light ones first, and a common divisor.
const std::vector<Weights> kGroups{{5, 1, 1},    {4, 3, 2, 1},         {1, 1, 1},    {10, 3, 7},
                                   {6, 2, 4, 2}, {1, 2, 3, 4, 5, 100}, {2, 2, 1, 2}, {7},
                                   {1, 50},      {13, 13, 11, 17, 19}};
constexpr std::size_t kServers = 6;  // in the largest group

const std::string kHead = R"(daemon off;
master_process off;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
)";

/// nginx with one worker, gone when the object dies. `/g3` is answered through the fourth group.
/// Its servers listen on sockets in its folder, so that it needs but one port.
class Nginx {
 public:
  Nginx() {
    // The port may be taken between the look and the start: then it is another one's turn.
    for (int attempt = 1; !start(); ++attempt) {
      if (attempt == 5) throw std::runtime_error("no nginx: " + process_->err());
    }
  }

  [[nodiscard]] const std::string& address() const noexcept { return address_; }

 private:
  bool start() {
    port_ = std::to_string(free_port());
    address_ = "127.0.0.1:" + port_;
    process_ = std::make_unique<Process>(Argv{"nginx", "-p", folder_.path(), "-e", "stderr", "-c",
                                              folder_.write("nginx.conf", config())});
    return eventually([this] { return !process_->running() || answers(); }) && process_->running();
  }

  /// Asks for a page that no group answers, so that nobody's turn is used up.
  [[nodiscard]] bool answers() const {
    try {
      return HttpClient{address_}.request("GET", "/up").body == "up";
    } catch (const std::runtime_error&) {
      return false;  // nobody listens yet
    }
  }

  [[nodiscard]] std::string socket_of(std::size_t server) const {
    return "unix:" + folder_.path() + "/" + port_ + "-" + std::to_string(server);
  }

  [[nodiscard]] std::string config() const {
    std::string groups;
    std::string locations = "    location /up { return 200 up; }\n";
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
      servers +=
          "  server { listen " + socket_of(i) + "; return 200 " + std::to_string(i) + "; }\n";
    }
    return kHead + groups + servers + "  server {\n    listen " + address_ + ";\n" + locations +
           "  }\n}\n";
  }

  TempDir folder_;
  std::string port_;
  std::string address_;
  std::unique_ptr<Process> process_;
};

balance::Pool pool_of(const Weights& weights) {
  std::vector<balance::TargetInfo> infos;
  for (const std::uint32_t weight : weights) {
    infos.push_back({.id = infos.size() + 1, .weight = weight});
  }
  return balance::Pool::make({.policy = "weighted_round_robin"}, infos).value();
}

TEST_CASE("weighted round robin: a real nginx takes the same turns, one by one") {
  const Nginx nginx;
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
