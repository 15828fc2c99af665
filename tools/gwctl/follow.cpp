#include "gwctl/follow.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace headgate::gwctl {

Follow::Follow(const std::string& folder) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (folder.empty()) return;
  changes_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (changes_ >= 0) inotify_add_watch(changes_, folder.c_str(), IN_MODIFY | IN_MOVED_TO);
}

Follow::~Follow() {
  if (signals_ >= 0) close(signals_);
  if (changes_ >= 0) close(changes_);
}

bool Follow::wait(Duration pause) {
  std::array<pollfd, 2> files{pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                              pollfd{.fd = changes_, .events = POLLIN, .revents = 0}};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(pause).count();
  poll(files.data(), files.size(), static_cast<int>(milliseconds));  // a negative fd is passed over
  if (files[0].revents != 0) return false;
  std::array<char, 4096> events{};
  while (files[1].revents != 0 && read(changes_, events.data(), events.size()) > 0) {
  }
  return true;
}

}  // namespace headgate::gwctl
