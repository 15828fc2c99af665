#include "support/browser.hpp"

namespace headgate::test {

Ended browse(const TempDir& directory, const std::string& page) {
  // Names are not resolved: the browser itself would like to call home.
  return run(
      {"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
       "--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
       "--user-data-dir=" + directory.path() + "/chromium", "--enable-logging=stderr",
       "--window-size=1280,1000", "--virtual-time-budget=10000", "--dump-dom", "file://" + page});
}

}  // namespace headgate::test
