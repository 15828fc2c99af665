// `gwctl run` as a test uses it: a config, a process that is ready, its pages and its log.
#pragma once

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_client.hpp"
#include "support/process.hpp"

namespace headgate::test {

class TestGateway {
 public:
  /// Runs `config`, which has a listener `http` and is completed by an admin listener and an access
  /// log.
  explicit TestGateway(const std::string& config)
      : process_(
            {command("gwctl"), "run",
             folder_.write("gateway.yaml", config + "\nlogs: {access: {path: access.jsonl}}\n" +
                                               "admin: {bind: \"127.0.0.1:0\"}\n")}),
        address_(process_.ready("http")),
        admin_(process_.ready("admin")) {}

  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://" + address_ + path;
  }
  [[nodiscard]] const std::string& admin() const noexcept { return admin_; }
  [[nodiscard]] Process& process() noexcept { return process_; }
  [[nodiscard]] const std::string& folder() const noexcept { return folder_.path(); }

  [[nodiscard]] HttpResponse page(const std::string& path) const {
    HttpClient client{admin_};
    return client.request("GET", path, {}, "Connection: close\r\n");
  }
  [[nodiscard]] nlohmann::json stats() const { return nlohmann::json::parse(page("/stats").body); }
  /// Ends it by SIGTERM, waits, and says how it ended.
  Ended stop() {
    process_.signal(SIGTERM);
    return process_.wait();
  }
  /// The lines of the access log. Complete after stop().
  [[nodiscard]] std::vector<nlohmann::json> log() const {
    std::vector<nlohmann::json> lines;
    std::istringstream text{read_file(folder_.path() + "/access.jsonl")};
    for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

 private:
  TempDir folder_;
  Process process_;
  std::string address_;
  std::string admin_;
};

/// A config with one route for everything to one service with these targets; `service` and `route`
/// are lines to add to them, in the flow style.
[[nodiscard]] inline std::string simple_config(const std::vector<std::string>& targets,
                                               const std::string& service = "",
                                               const std::string& route = "") {
  std::string list;
  for (const std::string& target : targets) {
    list += (list.empty() ? "" : ", ") + ("{url: \"http://" + target + "\"}");
  }
  return "listeners: [{name: http, bind: \"127.0.0.1:0\"}]\nworkers: 1\n"
         "services: {main: {targets: [" +
         list + "]" + (service.empty() ? "" : ", " + service) +
         "}}\n"
         "routes: [{name: all, match: {path: {prefix: /}}" +
         (route.empty() ? "" : ", " + route) + ", service: main}]\n";
}

}  // namespace headgate::test
