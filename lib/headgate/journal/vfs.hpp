// The files that a journal needs, as an interface: the real ones below, and in the tests a disk
// that forgets, tears, flips, fills up and fails on command.
//
// The interface promises no more than POSIX does: what was written may be on the disk in any part
// and order until sync() of the file returns, and a name made or changed in a directory until
// sync_directory() returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::journal {

/// An open file. Reads from any thread beside one writer. Errors: kIo, or kNoSpace for a full disk
/// or quota, with the file in `where` and the system's words in `why`.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;  ///< closes it; what is not synced may be lost with the machine

  /// Writes all of `bytes` at `offset`, growing the file if needed.
  [[nodiscard]] virtual Result<void> write(std::uint64_t offset,
                                           std::span<const std::byte> bytes) = 0;
  /// Reads up to bytes.size() from `offset`; fewer only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read(std::uint64_t offset,
                                                 std::span<std::byte> bytes) const = 0;
  /// Returns when all earlier writes are on the disk.
  [[nodiscard]] virtual Result<void> sync() = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

/// Held while it lives; goes with the process, however that ends.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  virtual ~Lock() = default;
};

enum class Access { kRead, kReadWrite, kCreate };  // kCreate: read and write, made empty if there

/// Paths are the operating system's. Thread-safety: every call, from any thread.
class Vfs {
 public:
  Vfs() = default;
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;
  virtual ~Vfs() = default;

  /// Fails with kNotFound if the file has to be there and is not.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           Access access) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  /// The names of the files in a directory, in alphabetical order. kNotFound if it is not there.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Makes the directory and its parents, durably.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& directory) = 0;
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& directory) = 0;
  /// An exclusive lock on a file that is made if needed. Fails with kUnavailable if someone has it.
  [[nodiscard]] virtual Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
};

/// The file system of this machine; lives as long as the program.
[[nodiscard]] Vfs& posix_vfs() noexcept;

}  // namespace headgate::journal
