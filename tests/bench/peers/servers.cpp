#include "peers/servers.hpp"

#include <stdexcept>
#include <thread>

#include "support/free_port.hpp"
#include "support/http_client.hpp"

namespace headgate::study {
namespace {

constexpr std::size_t kBodySize = 1024;

std::string free_address() { return "127.0.0.1:" + std::to_string(test::free_port()); }

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

bool answers(const std::string& address) {
  try {
    test::HttpClient client(address, test::Milliseconds{2'000});
    return client.request("GET", "/").status == 200;
  } catch (const std::runtime_error&) {
    return false;  // nobody listens yet
  }
}

void await(const std::string& name, const std::string& address, test::Process& process) {
  const bool up = test::eventually([&] { return !process.running() || answers(address); });
  if (!up || !process.running()) {
    throw std::runtime_error(name + " does not answer at " + address + ": " + process.err());
  }
}

/// The template of that name with its placeholders filled in, as a file in `directory`.
std::string config(const test::TempDir& directory, const std::string& name,
                   const std::string& listen, const std::string& backend) {
  std::string text =
      test::read_file(std::string{HG_SOURCE_DIR} + "/tests/bench/peers/" + name + ".in");
  replace_all(text, "@LISTEN@", listen);
  replace_all(text, "@BACKEND@", backend);
  replace_all(text, "@DIR@", directory.path());
  replace_all(text, "@BODY@", std::string(kBodySize, 'x'));
  return directory.write(name, text);
}

}  // namespace

test::Argv pinned(int core, const test::Argv& argv) {
  if (std::thread::hardware_concurrency() < 2) return argv;
  test::Argv bound = {"taskset", "-c", std::to_string(core)};
  bound.insert(bound.end(), argv.begin(), argv.end());
  return bound;
}

std::string version_of(const test::Argv& argv) {
  const test::Ended ended = test::run(argv);
  const std::string text = ended.out.empty() ? ended.err : ended.out;
  return text.substr(0, text.find('\n'));
}

Backend::Backend()
    : address_(free_address()),
      process_(
          pinned(kOtherCore, {"nginx", "-c", config(directory_, "backend.conf", address_, "")})) {
  await("the backend", address_, process_);
}

Servers::Servers(const std::string& backend) {
  const std::string gwctl = test::command("gwctl");
  const std::string ours = config(directory_, "headgate.yaml", "127.0.0.1:0", backend);
  test::Process headgate(pinned(kGatewayCore, {gwctl, "run", ours}));
  const std::string address = headgate.ready("http");
  gateways_.push_back({"headgate", version_of({gwctl, "--version"}), address, std::move(headgate)});

  const auto add_peer = [this](const std::string& name, const test::Argv& version,
                               const std::string& listen, const test::Argv& argv) {
    gateways_.push_back(
        {name, version_of(version), listen, test::Process(pinned(kGatewayCore, argv))});
  };
  const std::string nginx = free_address();
  add_peer("nginx", {"nginx", "-v"}, nginx,
           {"nginx", "-c", config(directory_, "nginx.conf", nginx, backend)});
  const std::string haproxy = free_address();
  add_peer("haproxy", {"haproxy", "-v"}, haproxy,
           {"haproxy", "-db", "-f", config(directory_, "haproxy.cfg", haproxy, backend)});
  for (Gateway& gateway : gateways_) await(gateway.name, gateway.address, gateway.process);
}

}  // namespace headgate::study
