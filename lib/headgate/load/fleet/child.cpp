#include "headgate/load/fleet/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <utility>

extern char** environ;

#include <system_error>

namespace headgate::load::fleet {

Workshop::Workshop() {
  std::string pattern = (std::filesystem::temp_directory_path() / "loadgen-agent-XXXXXX").string();
  if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

Workshop::~Workshop() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Child::Child(pid_t pid, net::Fd in, net::Fd out) noexcept
    : pid_{pid}, in_{std::move(in)}, out_{std::move(out)} {}

Child::Child(Child&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      in_{std::move(other.in_)},
      out_{std::move(other.out_)},
      said_{std::move(other.said_)} {}

Child::~Child() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Result<Child> Child::start(const std::vector<std::string>& argv, const std::string& errors) {
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  if (pipe2(in.data(), O_CLOEXEC) != 0)
    return failed(Errc::kIo, "pipe", std::generic_category().message(errno));
  net::Fd in_read{in[0]};
  net::Fd in_write{in[1]};
  if (pipe2(out.data(), O_CLOEXEC) != 0)
    return failed(Errc::kIo, "pipe", std::generic_category().message(errno));
  net::Fd out_read{out[0]};
  net::Fd out_write{out[1]};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in_read.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out_write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(),
                                   O_CREAT | O_WRONLY | O_TRUNC, 0600);
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  pid_t pid = -1;
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Of a group of its own: a Ctrl-C at the terminal is for us, who hand it on when it is time.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int code =
      posix_spawn(&pid, argv.front().c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return failed(Errc::kIo, argv.front(), std::generic_category().message(code));
  fcntl(out_read.get(), F_SETFL, O_NONBLOCK);
  return Child{pid, std::move(in_write), std::move(out_read)};
}

bool Child::ready() {
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while ((got = read(out_.get(), buffer.data(), buffer.size())) > 0) {
    if (said_.size() < 65'536) said_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return said_.starts_with("ready\n");
}

void Child::tell(const std::string& line) const {
  const std::string text = line + "\n";
  // A child that is gone is noticed by its end.
  [[maybe_unused]] const ssize_t written = write(in_.get(), text.data(), text.size());
}

void Child::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

std::optional<int> Child::ended() {
  if (pid_ <= 0) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace headgate::load::fleet
