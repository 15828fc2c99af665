// A disk in memory that can be made to fail and to forget, behind the journal's Vfs.
//
// Every change is an operation in one log. `crash(n, …)` builds what a real disk may hold if the
// power went after operation n: what was synced, and of the rest any part, by whole sectors of 512
// bytes; directory entries that were not synced in any prefix of their order. Faults are set by
// operation number or by capacity.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/journal/vfs.hpp"

namespace headgate::test {

/// What of the operations that were not synced survives a crash.
enum class Unsynced { kLost, kKept, kRandom };

class FaultVfs final : public journal::Vfs {
 public:
  using Content = std::vector<std::byte>;

  // --- faults

  /// The operations from number `first` on, `count` of them, fail with `code` (half of a failing
  /// write is done).
  void fail(std::size_t first, std::size_t count, Errc code) {
    const std::lock_guard lock{mutex_};
    fault_first_ = first;
    fault_count_ = count;
    fault_ = code;
  }
  /// Writes that need more bytes in all files together fail with kNoSpace.
  void set_capacity(std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    capacity_ = bytes;
  }

  // --- what happened

  [[nodiscard]] std::size_t operations() const {
    const std::lock_guard lock{mutex_};
    return log_.size();
  }
  /// The live content of a file; empty if it is not there.
  [[nodiscard]] Content content(const std::string& path) const {
    const std::lock_guard lock{mutex_};
    const auto found = names_.find(path);
    return found == names_.end() ? Content{} : *inodes_[found->second];
  }
  [[nodiscard]] std::map<std::string, Content> files() const {
    const std::lock_guard lock{mutex_};
    std::map<std::string, Content> files;
    for (const auto& [path, inode] : names_) files[path] = *inodes_[inode];
    return files;
  }
  /// Replaces or makes a file, synced, outside the operation log.
  void set_content(const std::string& path, Content content) {
    const std::lock_guard lock{mutex_};
    names_[path] = base_names_[path] = inodes_.size();
    base_[inodes_.size()] = content;
    inodes_.push_back(std::make_shared<Content>(std::move(content)));
  }
  void flip(const std::string& path, std::size_t bit) {
    const std::lock_guard lock{mutex_};
    (*inodes_[names_.at(path)])[bit / 8] ^= std::byte{1} << (bit % 8);
  }

  /// The disk after a crash behind the first `count` operations.
  [[nodiscard]] std::unique_ptr<FaultVfs> crash(std::size_t count, Unsynced unsynced,
                                                Random& random) const {
    const std::lock_guard lock{mutex_};
    auto image = std::make_unique<FaultVfs>();
    std::vector<Content> contents(inodes_.size());
    for (const auto& [inode, content] : base_) contents[inode] = content;
    image->names_ = base_names_;
    std::vector<std::size_t> synced(inodes_.size(),
                                    0);  // operations of the file before it are safe
    std::size_t names_synced = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (log_[i].kind == Kind::kSync) synced[log_[i].inode] = i;
      if (log_[i].kind == Kind::kSyncDirectory) names_synced = i;
    }
    std::size_t names_kept = count;
    if (unsynced == Unsynced::kLost) names_kept = names_synced;
    if (unsynced == Unsynced::kRandom) {
      names_kept = names_synced + random.below(count - names_synced + 1);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Operation& operation = log_[i];
      if (operation.kind == Kind::kWrite) {
        const bool safe = i < synced[operation.inode];
        apply(contents[operation.inode], operation, safe ? Unsynced::kKept : unsynced, random);
      } else if (i < names_kept) {
        apply_name(image->names_, operation);
      }
    }
    image->base_names_ = image->names_;
    for (std::size_t inode = 0; inode < contents.size(); ++inode) {
      image->base_[inode] = contents[inode];
      image->inodes_.push_back(std::make_shared<Content>(std::move(contents[inode])));
    }
    return image;
  }

  // --- Vfs

  Result<std::unique_ptr<journal::File>> open(const std::string& path,
                                              journal::Access access) override {
    const std::lock_guard lock{mutex_};
    if (access == journal::Access::kCreate) {
      if (auto fault = next_fault(path)) return std::unexpected(*fault);
      names_[path] = inodes_.size();
      log_.push_back({.kind = Kind::kCreate, .inode = inodes_.size(), .path = path, .bytes = {}});
      inodes_.push_back(std::make_shared<Content>());
    }
    const auto found = names_.find(path);
    if (found == names_.end()) return failed(Errc::kNotFound, path, "no such file");
    return std::make_unique<MemoryFile>(*this, path, found->second);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    const std::lock_guard lock{mutex_};
    if (auto fault = next_fault(from)) return std::unexpected(*fault);
    log_.push_back({.kind = Kind::kRename, .inode = 0, .path = from, .to = to, .bytes = {}});
    apply_name(names_, log_.back());
    return {};
  }
  Result<void> remove(const std::string& path) override {
    const std::lock_guard lock{mutex_};
    if (auto fault = next_fault(path)) return std::unexpected(*fault);
    log_.push_back({.kind = Kind::kRemove, .inode = 0, .path = path, .bytes = {}});
    apply_name(names_, log_.back());
    return {};
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> names;
    for (const auto& [path, inode] : names_) {
      if (path.starts_with(directory + "/")) names.push_back(path.substr(directory.size() + 1));
    }
    return names;
  }
  Result<void> make_directory(const std::string& /*directory*/) override { return {}; }
  Result<void> sync_directory(const std::string& directory) override {
    const std::lock_guard lock{mutex_};
    if (auto fault = next_fault(directory)) return std::unexpected(*fault);
    log_.push_back({.kind = Kind::kSyncDirectory, .inode = 0, .path = directory, .bytes = {}});
    return {};
  }
  Result<std::unique_ptr<journal::Lock>> lock(const std::string& path) override {
    const std::lock_guard lock{mutex_};
    if (!locks_.insert(path).second) {
      return failed(Errc::kUnavailable, path, "is locked by another writer");
    }
    return std::make_unique<MemoryLock>(*this, path);
  }

 private:
  enum class Kind { kWrite, kSync, kCreate, kRename, kRemove, kSyncDirectory };
  struct Operation {
    Kind kind;
    std::size_t inode;
    std::string path = {};
    std::string to = {};
    std::uint64_t offset = 0;
    Content bytes;
  };
  using Names = std::map<std::string, std::size_t>;

  class MemoryFile final : public journal::File {
   public:
    MemoryFile(FaultVfs& vfs, std::string path, std::size_t inode)
        : vfs_(vfs), path_(std::move(path)), inode_(inode) {}
    Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
      return vfs_.write(path_, inode_, offset, bytes);
    }
    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> bytes) const override {
      const std::lock_guard lock{vfs_.mutex_};
      const Content& content = *vfs_.inodes_[inode_];
      if (offset >= content.size()) return std::size_t{0};
      const std::size_t count = std::min(bytes.size(), content.size() - offset);
      std::memcpy(bytes.data(), content.data() + offset, count);
      return count;
    }
    Result<void> sync() override {
      const std::lock_guard lock{vfs_.mutex_};
      if (auto fault = vfs_.next_fault(path_)) return std::unexpected(*fault);
      vfs_.log_.push_back({.kind = Kind::kSync, .inode = inode_, .bytes = {}});
      return {};
    }
    Result<std::uint64_t> size() const override {
      const std::lock_guard lock{vfs_.mutex_};
      return vfs_.inodes_[inode_]->size();
    }

   private:
    FaultVfs& vfs_;
    std::string path_;
    std::size_t inode_;
  };

  class MemoryLock final : public journal::Lock {
   public:
    MemoryLock(FaultVfs& vfs, std::string path) : vfs_(vfs), path_(std::move(path)) {}
    ~MemoryLock() override {
      const std::lock_guard lock{vfs_.mutex_};
      vfs_.locks_.erase(path_);
    }

   private:
    FaultVfs& vfs_;
    std::string path_;
  };

  /// The failure of the operation that comes next, if it is to fail. A failing one is no operation.
  std::optional<Error> next_fault(const std::string& path) {
    if (log_.size() < fault_first_ || fault_count_ == 0) return std::nullopt;
    --fault_count_;
    return Error{fault_, path, "a fault was asked for"};
  }

  Result<void> write(const std::string& path, std::size_t inode, std::uint64_t offset,
                     std::span<const std::byte> bytes) {
    const std::lock_guard lock{mutex_};
    auto fault = next_fault(path);
    if (!fault) {
      std::uint64_t used = 0;
      for (const auto& [name, each] : names_) used += inodes_[each]->size();
      const std::uint64_t size = inodes_[inode]->size();
      const std::uint64_t grown = std::max(size, offset + bytes.size()) - size;
      if (used + grown > capacity_) fault = Error{Errc::kNoSpace, path, "the disk is full"};
    }
    if (fault) bytes = bytes.first(bytes.size() / 2);
    Operation operation{.kind = Kind::kWrite,
                        .inode = inode,
                        .offset = offset,
                        .bytes = {bytes.begin(), bytes.end()}};
    Random unused{0};
    apply(*inodes_[inode], operation, Unsynced::kKept, unused);
    log_.push_back(std::move(operation));
    if (fault) return std::unexpected(*fault);
    return {};
  }

  static void apply(Content& content, const Operation& write, Unsynced how, Random& random) {
    constexpr std::uint64_t kSector = 512;
    const std::uint64_t end = write.offset + write.bytes.size();
    if (how == Unsynced::kLost) return;
    for (std::uint64_t at = write.offset; at < end;) {
      const std::uint64_t next = std::min((at / kSector + 1) * kSector, end);
      if (how == Unsynced::kKept || random.below(2) == 0) {
        if (content.size() < next) content.resize(next);
        std::memcpy(content.data() + at, write.bytes.data() + (at - write.offset), next - at);
      }
      at = next;
    }
  }

  static void apply_name(Names& names, const Operation& operation) {
    if (operation.kind == Kind::kCreate) names[operation.path] = operation.inode;
    if (operation.kind == Kind::kRemove) names.erase(operation.path);
    if (operation.kind == Kind::kRename && names.contains(operation.path)) {
      names[operation.to] = names[operation.path];
      names.erase(operation.path);
    }
  }

  mutable std::mutex mutex_;
  Names base_names_;                     // as the disk was before the first operation
  std::map<std::size_t, Content> base_;  // likewise, by inode
  Names names_;
  std::vector<std::shared_ptr<Content>> inodes_;
  std::vector<Operation> log_;
  std::set<std::string> locks_;
  std::size_t fault_first_ = 0;
  std::size_t fault_count_ = 0;
  Errc fault_ = Errc::kIo;
  std::uint64_t capacity_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace headgate::test
