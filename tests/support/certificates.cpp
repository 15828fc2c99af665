#include "support/certificates.hpp"

#include <stdexcept>

namespace headgate::test {

Certificates::Certificates() {
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
           "-subj", "/CN=Headgate test root", "-days", "2", "-keyout", file("root.key"), "-out",
           file("root.pem")});
  sign("server", "2");
  sign("client", "2");
  sign("expired", "-1");
}

void Certificates::sign(const std::string& name, const std::string& days) const {
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
           "/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
           file(name + ".key"), "-out", file(name + ".csr")});
  openssl({"x509", "-req", "-in", file(name + ".csr"), "-CA", file("root.pem"), "-CAkey",
           file("root.key"), "-CAcreateserial", "-days", days, "-copy_extensions", "copy", "-out",
           file(name + ".pem")});
}

void Certificates::openssl(const Argv& arguments) const {
  Argv argv{"openssl"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const Ended ended = run(argv);
  if (ended.exit_code != 0) throw std::runtime_error("openssl: " + ended.err);
}

}  // namespace headgate::test
