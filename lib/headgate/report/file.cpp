#include "headgate/report/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace headgate::report {
namespace {

std::unexpected<Error> system_said(const std::string& path, std::string_view doing, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return failed(full ? Errc::kNoSpace : Errc::kIo, path,
                fmt::format("cannot {}: {}", doing, std::generic_category().message(number)));
}

/// A descriptor that closes itself when something went wrong; close() tells when that does.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int close() noexcept { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

/// Writes all of `text` to a fresh descriptor of `path`, synced if `sync`.
Result<void> write_all(const std::string& path, int flags, std::string_view text, bool sync) {
  constexpr mode_t kMode = 0666;  // less the umask
  Descriptor file{::open(path.c_str(), flags | O_WRONLY | O_CLOEXEC, kMode)};
  if (file.get() < 0) return system_said(path, "open", errno);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_said(path, "write", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (sync && ::fsync(file.get()) != 0) return system_said(path, "sync", errno);
  if (file.close() != 0) return system_said(path, "close", errno);
  return {};
}

/// A link's end: renaming over the link would leave the file it stands for as it was.
std::string target_of(const std::string& path) {
  std::error_code none;
  const auto target = std::filesystem::canonical(path, none);
  return none ? path : target.string();
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view text) {
  struct stat found{};
  if (::stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) {
    return write_all(path, 0, text, false);
  }
  const std::string target = target_of(path);
  const std::string beside = fmt::format("{}.{}.tmp", target, ::getpid());
  auto written = write_all(beside, O_CREAT | O_EXCL, text, true);
  if (written && std::rename(beside.c_str(), target.c_str()) != 0) {
    written = system_said(path, "rename", errno);
  }
  if (written) return {};
  ::unlink(beside.c_str());
  return failed(written.error().code, path, written.error().why);
}

Result<std::string> read_file(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return system_said(path, "open", errno);
  std::string text;
  constexpr std::size_t kPiece = 1 << 16;
  while (true) {
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    const ssize_t size = ::read(file.get(), text.data() + before, kPiece);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (size < 0 && errno != EINTR) return system_said(path, "read", errno);
    if (size == 0) return text;
  }
}

}  // namespace headgate::report
