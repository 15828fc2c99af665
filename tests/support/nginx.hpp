// A real nginx for tests, with one worker and servers as the test writes them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace headgate::test {

class Nginx {
 public:
  /// Starts it with `http`, the inside of the http block; `$PORT0`, `$PORT1`, … in it are `ports`
  /// free ports, `$DIR` a folder of its own. Throws std::runtime_error if it does not come up.
  Nginx(std::string http, std::size_t ports);
  /// `127.0.0.1:PORT`.
  [[nodiscard]] std::string address(std::size_t port = 0) const {
    return "127.0.0.1:" + ports_[port];
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

 private:
  bool start(const std::string& http, std::size_t ports);

  TempDir folder_;
  std::vector<std::string> ports_;
  std::unique_ptr<Process> process_;
};

}  // namespace headgate::test
