// Certificates for tests, made by the openssl command: a root, what it signed for 127.0.0.1 and
// localhost, for a client, and one that expired yesterday.
#pragma once

#include <string>

#include "support/process.hpp"

namespace headgate::test {

/// Files in a folder of their own, gone when the object dies. NAME.pem and NAME.key for each of
/// server, client and expired; root.pem. Throws std::runtime_error if openssl does not make them.
class Certificates {
 public:
  Certificates();
  [[nodiscard]] std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

 private:
  void sign(const std::string& name, const std::string& days) const;
  void openssl(const Argv& arguments) const;

  TempDir folder_;
};

}  // namespace headgate::test
