// The file seam: what the change log and the object store ask of the operating system. Tests pass one that
// loses unsynced bytes, tears tails or fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark {

// An open file. Errors of all methods: kIo, kNoSpace.
// Thread-safety: read_at may be called concurrently, also with one appender.
class File {
 public:
  virtual ~File() = default;
  // Writes all of `bytes` at the end.
  virtual Result<void> append(std::string_view bytes) = 0;
  // Reads up to `size` bytes at `offset` into `buffer`; returns how many there were.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const = 0;
  // As read_at, but of what is in memory already, perhaps less than there is; nothing rather than wait for
  // the disk.
  [[nodiscard]] virtual Result<std::optional<std::size_t>> read_cached(std::uint64_t offset, char* buffer,
                                                                       std::size_t size) const;
  // Makes everything appended so far survive a power loss (fdatasync).
  virtual Result<void> sync() = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // The descriptor for sendfile and the like; -1 when there is none.
  [[nodiscard]] virtual int descriptor() const = 0;
};

// A directory that is kept open. Thread-safety: all methods may be called concurrently.
class Directory {
 public:
  virtual ~Directory() = default;
  // Its entries as they are now outlive a power loss.
  virtual Result<void> sync() = 0;
};

// Thread-safety: all methods may be called concurrently. Errors: kIo, kNoSpace, kNotFound.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Opens for appending, creating the file when it is not there.
  virtual Result<std::unique_ptr<File>> open_append(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;
  // Replaces `path` with `bytes` at once: a reader, or a crash, sees the old content or the new.
  // With `sync`, also after a power loss. A crash may leave a `<path>.tmp-*` beside it.
  virtual Result<void> replace(const std::string& path, std::string_view bytes, bool sync) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  // A hard link: both names share the bytes.
  virtual Result<void> link(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  // Names (not paths) of the entries of a directory, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual Result<void> create_directories(const std::string& path) = 0;
  virtual Result<void> sync_directory(const std::string& path) = 0;
  // For who must be able to sync it when no descriptor is left. The file system must outlive it.
  virtual Result<std::unique_ptr<Directory>> open_directory(const std::string& path);
  virtual bool exists(const std::string& path) = 0;
};

// The real one. Lives as long as the process.
FileSystem& posix_file_system();

// The whole file. Errors: as FileSystem.
Result<std::string> read_file(FileSystem& files, const std::string& path);

}  // namespace tidemark
