#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace headgate::test {
namespace {

[[noreturn]] void exec_child(const Argv& argv, const Process::Options& options, int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  for (const auto& [name, value] : options.set) setenv(name.c_str(), value.c_str(), 1);
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(126);
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Milliseconds left_until(std::chrono::steady_clock::time_point end) {
  const auto left =
      std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
  return std::max(left, Milliseconds{0});
}

}  // namespace

Process::Process(const Argv& argv, const Options& options) {
  std::array<int, 2> out{};
  if (pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  err_fd_ = memfd_create("stderr", MFD_CLOEXEC);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) exec_child(argv, options, out[1], err_fd_);
  close(out[1]);
  out_fd_ = out[0];
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(out_fd_, other.out_fd_);
  std::swap(err_fd_, other.err_fd_);
  std::swap(out_, other.out_);
  std::swap(out_read_, other.out_read_);
  std::swap(ready_line_, other.ready_line_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (out_fd_ >= 0) close(out_fd_);
  if (err_fd_ >= 0) close(err_fd_);
}

/// Reads what stdout has within `limit`; false at its end or when nothing came.
bool Process::fill(Milliseconds limit) {
  pollfd entry{.fd = out_fd_, .events = POLLIN, .revents = 0};
  if (poll(&entry, 1, static_cast<int>(limit.count())) <= 0) return false;
  std::array<char, 65'536> buffer{};
  const ssize_t size = read(out_fd_, buffer.data(), buffer.size());
  if (size <= 0) return false;
  out_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<std::string> Process::line(Milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto newline = out_.find('\n', out_read_);
    if (newline != std::string::npos) {
      std::string found = out_.substr(out_read_, newline - out_read_);
      out_read_ = newline + 1;
      return found;
    }
    if (!fill(left_until(end))) return std::nullopt;
  }
}

std::string Process::ready(const std::string& name) {
  if (ready_line_.empty()) ready_line_ = line().value_or("");
  std::istringstream words{ready_line_};
  std::string word;
  words >> word;
  if (word == "ready") {
    while (words >> word) {
      if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
    }
  }
  throw std::runtime_error("no ready " + name + "=… but '" + ready_line_ + "'; stderr: " + err());
}

void Process::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

Ended Process::wait(Milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (fill(left_until(end))) {
  }
  int status = 0;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(pid_, SIGKILL);
      waitpid(std::exchange(pid_, -1), nullptr, 0);
      throw std::runtime_error("the process outlived its limit; stderr: " + err());
    }
    pause_briefly();
  }
  pid_ = -1;
  return {.exit_code = exit_code(status), .out = out_, .err = err()};
}

bool Process::running() {
  siginfo_t info{};
  return pid_ > 0 &&
         waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

std::string Process::err() const {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t size = 0;
  while ((size = pread(err_fd_, buffer.data(), buffer.size(), static_cast<off_t>(text.size()))) >
         0) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

Ended run(const Argv& argv, Milliseconds limit) { return Process{argv}.wait(limit); }

std::string command(const std::string& name) { return std::string{HG_BIN_DIR} + "/" + name; }

TempDir::TempDir() : path_{(std::filesystem::temp_directory_path() / "headgate-XXXXXX").string()} {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream{path, std::ios::binary} << text;
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void pause_briefly() { std::this_thread::sleep_for(Milliseconds{2}); }

}  // namespace headgate::test
