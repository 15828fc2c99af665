#include "headgate/load/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

extern char** environ;

namespace headgate::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLineMax = std::size_t{64} << 10;

/// The address of a line `ready http=HOST:PORT …`; empty if it is another.
std::string address_in(std::string_view line) {
  constexpr std::string_view kHttp = "http=";
  const std::size_t at = line.find(kHttp);
  if (!line.starts_with("ready ") || at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + kHttp.size());
  return std::string{rest.substr(0, rest.find_first_of(" \r"))};
}

struct Pipe {
  net::Fd read;
  net::Fd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return failed(Errc::kIo, "pipe", std::generic_category().message(errno));
  }
  return Pipe{net::Fd{ends[0]}, net::Fd{ends[1]}};
}

/// The process; what this one blocks or ignores is no business of its. Negative: the error.
pid_t spawn(std::vector<std::string> argv, int in, int out, const std::string& errors) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  if (!errors.empty()) {
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(),
                                     O_CREAT | O_WRONLY | O_TRUNC, 0600);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (std::string& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, words.front(), &files, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error == 0 ? pid : -error;
}

}  // namespace

Child::Child(pid_t pid, net::Fd in, net::Fd out, Duration patience) noexcept
    : pid_{pid}, in_{std::move(in)}, out_{std::move(out)}, patience_{patience} {}

Child::Child(Child&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      in_{std::move(other.in_)},
      out_{std::move(other.out_)},
      patience_{other.patience_},
      said_{std::move(other.said_)} {}

Child::~Child() {
  if (pid_ < 0) return;
  const pid_t group = pid_;
  if (patience_ > Duration::zero()) {
    signal(SIGTERM);
    const auto end = Clock::now() + patience_;
    while (!ended() && Clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  kill(-group, SIGKILL);  // also what a shell has left behind
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

Result<Child> Child::start(const std::vector<std::string>& argv, ChildOptions options) {
  auto in = make_pipe();
  if (!in) return std::unexpected(in.error());
  auto out = make_pipe();
  if (!out) return std::unexpected(out.error());
  const pid_t pid = spawn(argv, in->read.get(), out->write.get(), options.errors);
  if (pid < 0) return failed(Errc::kIo, argv.front(), std::generic_category().message(-pid));
  fcntl(out->read.get(), F_SETFL, O_NONBLOCK);
  return Child{pid, std::move(in->write), std::move(out->read), options.patience};
}

std::optional<std::string> Child::line(Duration limit) {
  const auto end = Clock::now() + limit;
  while (true) {
    if (const std::size_t stop = said_.find('\n'); stop != std::string::npos) {
      std::string line = said_.substr(0, stop);
      said_.erase(0, stop + 1);
      return line;
    }
    if (said_.size() > kLineMax) said_.clear();
    std::array<char, 4096> block{};
    const ssize_t got = read(out_.get(), block.data(), block.size());
    if (got == 0) return std::nullopt;
    if (got > 0) {
      said_.append(block.data(), static_cast<std::size_t>(got));
      continue;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd wanted{.fd = out_.get(), .events = POLLIN, .revents = 0};
    poll(&wanted, 1, static_cast<int>(left));
  }
}

Result<std::string> Child::await_address(const std::string& where, Duration limit) {
  const auto end = Clock::now() + limit;
  while (const auto text = line(end - Clock::now())) {
    std::string address = address_in(*text);
    if (!address.empty()) return address;
  }
  return failed(Errc::kUnavailable, where,
                Clock::now() < end
                    ? "ended before it was ready"
                    : "did not print `ready http=HOST:PORT` within the time that it has");
}

void Child::tell(const std::string& line) const {
  const std::string text = line + "\n";
  // A child that is gone is noticed by its end.
  [[maybe_unused]] const ssize_t written = write(in_.get(), text.data(), text.size());
}

void Child::signal(int number) const {
  if (pid_ > 0) kill(-pid_, number);
}

std::optional<int> Child::ended() {
  if (pid_ <= 0) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace headgate::load
