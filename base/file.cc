#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tidemark {
namespace {

Error error_from(int number, std::string_view doing, const std::string& path) {
  Error error;
  error.message = std::string(doing) + " " + path + ": " + std::generic_category().message(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      error.code = ErrorCode::kNotFound;
      break;
    case EEXIST:
      error.code = ErrorCode::kAlreadyExists;
      break;
    case ENOSPC:
    case EDQUOT:
      error.code = ErrorCode::kNoSpace;
      break;
    default:
      error.code = ErrorCode::kIo;
  }
  return error;
}

class PosixDirectory final : public Directory {
 public:
  PosixDirectory(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  PosixDirectory(const PosixDirectory&) = delete;
  PosixDirectory& operator=(const PosixDirectory&) = delete;
  ~PosixDirectory() override { ::close(descriptor_); }

  Result<void> sync() override {
    if (::fsync(descriptor_) != 0) return fail(error_from(errno, "sync directory", path_));
    return {};
  }

 private:
  const int descriptor_;
  const std::string path_;
};

// By its name, each time.
class NamedDirectory final : public Directory {
 public:
  NamedDirectory(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  Result<void> sync() override { return files_.sync_directory(path_); }

 private:
  FileSystem& files_;
  const std::string path_;
};

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path, std::uint64_t size)
      : descriptor_(descriptor), path_(std::move(path)), size_(size) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  Result<void> append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return fail(error_from(errno, "write", path_));
      }
      size_.fetch_add(static_cast<std::uint64_t>(written), std::memory_order_release);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count =
          ::pread(descriptor_, buffer + done, size - done, static_cast<off_t>(offset + done));
      if (count < 0) {
        if (errno == EINTR) continue;
        return fail(error_from(errno, "read", path_));
      }
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<std::optional<std::size_t>> read_cached(std::uint64_t offset, char* buffer,
                                                 std::size_t size) const override {
    const iovec target{buffer, size};
    const ssize_t count = ::preadv2(descriptor_, &target, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    // Also when this file system cannot tell, or a signal came: the answer of read_at will do.
    if (count < 0) return std::nullopt;
    return static_cast<std::size_t>(count);
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) return fail(error_from(errno, "sync", path_));
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
      return fail(error_from(errno, "truncate", path_));
    }
    size_.store(size, std::memory_order_release);
    return {};
  }

  [[nodiscard]] std::uint64_t size() const override { return size_.load(std::memory_order_acquire); }
  [[nodiscard]] int descriptor() const override { return descriptor_; }

 private:
  const int descriptor_;
  const std::string path_;
  std::atomic<std::uint64_t> size_;
};

Result<std::unique_ptr<File>> open_file(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(error_from(errno, "open", path));
  struct stat status {};
  int failure = ::fstat(descriptor, &status) != 0 ? errno : 0;
  if (failure == 0 && S_ISDIR(status.st_mode)) failure = EISDIR;
  if (failure != 0) {
    ::close(descriptor);
    return fail(error_from(failure, "open", path));
  }
  return std::make_unique<PosixFile>(descriptor, path, static_cast<std::uint64_t>(status.st_size));
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    return open_file(path, O_RDWR | O_CREAT | O_APPEND);
  }

  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    return open_file(path, O_RDONLY);
  }

  Result<void> replace(const std::string& path, std::string_view bytes, bool sync) override {
    // Writers of the same path must not meet in one temporary file.
    static std::atomic<std::uint64_t> counter{0};
    const std::string temporary =
        path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1));
    auto written = write_new(temporary, bytes, sync);
    if (written) written = rename(temporary, path);
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
    if (sync) return sync_directory(directory_of(path));
    return {};
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return fail(error_from(errno, "rename to " + to + ":", from));
    }
    return {};
  }

  Result<void> link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return fail(error_from(errno, "link to " + to + ":", from));
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (std::remove(path.c_str()) != 0) return fail(error_from(errno, "remove", path));
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* const stream = ::opendir(directory.c_str());
    if (stream == nullptr) return fail(error_from(errno, "list", directory));
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* const entry = ::readdir(stream)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int failure = errno;
    ::closedir(stream);
    if (failure != 0) return fail(error_from(failure, "list", directory));
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> create_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fail(error_from(error.value(), "create directory", path));
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    ASSIGN_OR_RETURN(const auto directory, open_directory(path));
    return directory->sync();
  }

  Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return fail(error_from(errno, "open directory", path));
    return std::make_unique<PosixDirectory>(descriptor, path);
  }

  bool exists(const std::string& path) override {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
  }

 private:
  static Result<void> write_new(const std::string& path, std::string_view bytes, bool sync) {
    ASSIGN_OR_RETURN(const auto file, open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND));
    RETURN_IF_ERROR(file->append(bytes));
    if (sync) return file->sync();
    return {};
  }
};

}  // namespace

Result<std::optional<std::size_t>> File::read_cached(std::uint64_t /*offset*/, char* /*buffer*/,
                                                     std::size_t /*size*/) const {
  return std::nullopt;
}

Result<std::unique_ptr<Directory>> FileSystem::open_directory(const std::string& path) {
  return std::make_unique<NamedDirectory>(*this, path);
}

FileSystem& posix_file_system() {
  static PosixFileSystem instance;
  return instance;
}

Result<std::string> read_file(FileSystem& files, const std::string& path) {
  ASSIGN_OR_RETURN(const auto file, files.open_read(path));
  std::string content(file->size(), '\0');
  ASSIGN_OR_RETURN(const std::size_t count, file->read_at(0, content.data(), content.size()));
  content.resize(count);
  return content;
}

}  // namespace tidemark
