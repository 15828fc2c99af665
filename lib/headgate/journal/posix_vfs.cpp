// The machine's own files, by POSIX calls.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "headgate/journal/vfs.hpp"

namespace headgate::journal {
namespace {

std::unexpected<Error> system_error(const std::string& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  const Errc code = number == ENOENT ? Errc::kNotFound : full ? Errc::kNoSpace : Errc::kIo;
  return failed(code, path, std::generic_category().message(number));
}

/// A file descriptor that is closed once.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

Descriptor open_descriptor(const std::string& path, int flags) {
  constexpr mode_t kMode = 0644;
  return Descriptor{::open(path.c_str(), flags | O_CLOEXEC, kMode)};
}

Result<void> sync_descriptor(const Descriptor& file, const std::string& path) {
  if (::fdatasync(file.number()) != 0) return system_error(path, errno);
  return {};
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return system_error(path_, written < 0 ? errno : EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> bytes) const override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::pread(file_.number(), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error(path_, errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<void> sync() override { return sync_descriptor(file_, path_); }

  Result<std::uint64_t> size() const override {
    struct stat status{};
    if (::fstat(file_.number(), &status) != 0) return system_error(path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Descriptor file_;
  std::string path_;
};

class PosixLock final : public Lock {
 public:
  explicit PosixLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
};

class PosixVfs final : public Vfs {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override {
    const int flags = access == Access::kRead        ? O_RDONLY
                      : access == Access::kReadWrite ? O_RDWR
                                                     : O_RDWR | O_CREAT | O_TRUNC;
    Descriptor file = open_descriptor(path, flags);
    if (!file.is_open()) return system_error(path, errno);
    return std::make_unique<PosixFile>(std::move(file), path);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error(from, errno);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return system_error(path, errno);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::error_code error;
    std::vector<std::string> names;
    auto entry = std::filesystem::directory_iterator{directory, error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
      names.push_back(entry->path().filename());
    }
    if (error) return system_error(directory, error.value());
    std::ranges::sort(names);
    return names;
  }

  Result<void> make_directory(const std::string& directory) override {
    // Each directory that is made is an entry of its parent, and that is what has to be durable.
    std::error_code error;
    const auto path = std::filesystem::absolute(directory, error).lexically_normal();
    if (error) return system_error(directory, error.value());
    std::filesystem::path made;
    for (const auto& part : path) {
      const std::filesystem::path parent = made;
      made /= part;
      if (part.empty() || !std::filesystem::create_directory(made, error)) {
        if (error) return system_error(made, error.value());
        continue;
      }
      if (auto synced = sync_directory(parent); !synced) return synced;
    }
    return {};
  }

  Result<void> sync_directory(const std::string& directory) override {
    const Descriptor file = open_descriptor(directory, O_RDONLY | O_DIRECTORY);
    if (!file.is_open()) return system_error(directory, errno);
    if (::fsync(file.number()) != 0) return system_error(directory, errno);
    return {};
  }

  Result<std::unique_ptr<Lock>> lock(const std::string& path) override {
    Descriptor file = open_descriptor(path, O_RDWR | O_CREAT);
    if (!file.is_open()) return system_error(path, errno);
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_error(path, errno);
      return failed(Errc::kUnavailable, path, "is locked by another writer");
    }
    return std::make_unique<PosixLock>(std::move(file));
  }
};

}  // namespace

Vfs& posix_vfs() noexcept {
  static PosixVfs vfs;
  return vfs;
}

}  // namespace headgate::journal
