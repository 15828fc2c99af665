// Waiting for news without asking in a loop: for a change in a folder, for the end of a pause, or
// for the user's Ctrl-C, which from then on is no longer deadly.
#pragma once

#include <string>

#include "headgate/core/time.hpp"

namespace headgate::gwctl {

class Follow {
 public:
  /// From here on SIGINT and SIGTERM only end wait(). `folder` may be empty: then the pause alone.
  explicit Follow(const std::string& folder);
  Follow(const Follow&) = delete;
  Follow& operator=(const Follow&) = delete;
  ~Follow();

  /// Returns when something in the folder changed, or after `pause`; false if the user has had
  /// enough.
  [[nodiscard]] bool wait(Duration pause);

 private:
  int signals_ = -1;  // file descriptors
  int changes_ = -1;
};

}  // namespace headgate::gwctl
