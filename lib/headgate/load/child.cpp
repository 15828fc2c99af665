#include "headgate/load/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>

namespace headgate::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kPatience = std::chrono::seconds{2};
constexpr std::string_view kReady = "ready ";
constexpr std::string_view kHttp = "http=";

/// The address of a line `ready http=HOST:PORT …`; empty if it is another.
std::string address_in(std::string_view line) {
  if (!line.starts_with(kReady)) return {};
  const std::size_t at = line.find(kHttp);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + kHttp.size());
  return std::string{rest.substr(0, rest.find_first_of(" \r"))};
}

[[noreturn]] void become(const std::string& line, int out) {
  setpgid(0, 0);
  dup2(out, STDOUT_FILENO);
  // What this process blocks or ignores is no business of the server's.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &usual, nullptr);
  execl("/bin/sh", "sh", "-c", line.c_str(), static_cast<char*>(nullptr));
  _exit(127);
}

bool ended(pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; }

}  // namespace

Result<std::unique_ptr<Child>> Child::start(const std::string& line, Duration limit) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return failed(Errc::kIo, line, std::generic_category().message(errno));
  }
  const pid_t pid = fork();
  if (pid == 0) become(line, ends[1]);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return failed(Errc::kIo, line, std::generic_category().message(errno));
  }
  setpgid(pid, pid);  // whichever of the two comes first
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  std::unique_ptr<Child> child{new Child{pid, ends[0]}};
  if (auto ready = child->await(line, limit); !ready) return std::unexpected(ready.error());
  return child;
}

Result<void> Child::await(const std::string& line, Duration limit) {
  const auto end = Clock::now() + limit;
  std::string text;
  while (Clock::now() < end) {
    pollfd wanted{.fd = out_, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    poll(&wanted, 1, static_cast<int>(left.count()) + 1);
    std::array<char, 4096> block{};
    const ssize_t got = read(out_, block.data(), block.size());
    if (got == 0) return failed(Errc::kUnavailable, line, "ended before it was ready");
    if (got < 0) continue;
    text.append(block.data(), static_cast<std::size_t>(got));
    for (std::size_t stop = text.find('\n'); stop != std::string::npos; stop = text.find('\n')) {
      address_ = address_in(std::string_view{text}.substr(0, stop));
      text.erase(0, stop + 1);
      if (!address_.empty()) return {};
    }
  }
  return failed(Errc::kUnavailable, line,
                "did not print `ready http=HOST:PORT` within the time that it has");
}

Child::~Child() {
  kill(-pid_, SIGTERM);
  const auto end = Clock::now() + kPatience;
  bool gone = ended(pid_);
  while (!gone && Clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    gone = ended(pid_);
  }
  kill(-pid_, SIGKILL);  // also what the shell has left behind
  if (!gone) waitpid(pid_, nullptr, 0);
  close(out_);
}

void Child::drain() const noexcept {
  std::array<char, 4096> block;
  while (read(out_, block.data(), block.size()) > 0) {
  }
}

}  // namespace headgate::load
