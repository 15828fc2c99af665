// A folder of its own, removed at the end: where the files of one run lie.
#pragma once

#include <string>

namespace headgate::load::fleet {

class Workshop {
 public:
  Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop();
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace headgate::load::fleet
