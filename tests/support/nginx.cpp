#include "support/nginx.hpp"

#include <stdexcept>

#include "support/free_port.hpp"
#include "support/http_client.hpp"

namespace headgate::test {
namespace {

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

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

bool listens(const std::string& address) {
  try {
    const HttpClient client{address};
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

Nginx::Nginx(std::string http, std::size_t ports) {
  replace_all(http, "$DIR", folder_.path());
  // A port may be taken between the look and the start: then it is another one's turn.
  for (int attempt = 1; !start(http, ports); ++attempt) {
    if (attempt == 5) throw std::runtime_error("no nginx: " + process_->err());
  }
}

bool Nginx::start(const std::string& http, std::size_t ports) {
  std::string config = kHead + http + "}\n";
  ports_.clear();
  for (std::size_t i = 0; i < ports; ++i) {
    ports_.push_back(std::to_string(free_port()));
    replace_all(config, "$PORT" + std::to_string(i), ports_.back());
  }
  process_ = std::make_unique<Process>(Argv{"nginx", "-p", folder_.path(), "-e", "stderr", "-c",
                                            folder_.write("nginx.conf", config)});
  return eventually([this] { return !process_->running() || listens(address()); }) &&
         process_->running();
}

}  // namespace headgate::test
