#include "s3emu/store/log_space.h"

#include <rocksdb/file_system.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/rocks_files.h"

namespace tidemark::s3emu {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// What a file gets at once, where there is as much.
constexpr std::uint64_t kStepBytes = 256 * 1024;
// What batches that add rows leave to those that take some away.
constexpr std::uint64_t kKeptBytes = kStepBytes;

// What a batch takes in the log: 7 bytes before each piece in a block of 32 KB, and up to 6 at a block's end.
std::uint64_t logged_bytes(std::uint64_t batch_bytes) { return batch_bytes + batch_bytes / 1024 + 64; }

class LogFiles;

// A log, or the spare that becomes one. Its owner, which guards what it counts, outlives it.
class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using Base = FSWritableFileOwnerWrapper;

  LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, LogFiles& owner)
      : Base(std::move(file)), owner_(owner) {}
  ~LogFile() override;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  using Base::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override;
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification, IODebugContext* debug) override;
  // RocksDB would put space aside here, in steps of a memtable, and not mind when there is none.
  void PrepareWrite(std::size_t /*offset*/, std::size_t /*size*/, const IOOptions& /*options*/,
                    IODebugContext* /*debug*/) override {}

  // So that so many bytes can follow.
  IOStatus provide(std::uint64_t bytes) {
    if (allocated_ - written_ >= bytes) return IOStatus::OK();
    const std::uint64_t needed = bytes - (allocated_ - written_);
    IOStatus status = allocate((needed + kStepBytes - 1) / kStepBytes * kStepBytes);
    if (status.IsNoSpace()) status = allocate(needed);
    return status;
  }
  void count(std::uint64_t bytes) {
    written_ += bytes;
    allocated_ = std::max(allocated_, written_);
  }

 private:
  IOStatus allocate(std::uint64_t bytes) {
    IOStatus status = Base::Allocate(allocated_, bytes, IOOptions(), nullptr);
    while (has_failed_with(status, EINTR)) status = Base::Allocate(allocated_, bytes, IOOptions(), nullptr);
    if (status.ok()) {
      allocated_ += bytes;
    } else if (has_failed_with(status, EOPNOTSUPP) || has_failed_with(status, ENOSYS)) {
      // A file system that cannot: then it is as if there were no LogSpace.
      allocated_ = std::numeric_limits<std::uint64_t>::max();
      status = IOStatus::OK();
    }
    return status;
  }

  LogFiles& owner_;
  std::uint64_t written_ = 0;
  std::uint64_t allocated_ = 0;
};

class LogFiles final : public rocksdb::FileSystemWrapper {
 public:
  using Base = FileSystemWrapper;

  LogFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::string directory)
      : Base(files), spare_name_(std::move(directory) + "/log.spare") {}

  const char* Name() const override { return "TidemarkLogSpace"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    if (!name.ends_with(".log")) return Base::NewWritableFile(name, options, file, debug);
    const std::lock_guard lock(mutex_);
    IOStatus status;
    if (spare_) {
      status = Base::RenameFile(spare_name_, name, IOOptions(), debug);
    } else {
      status = make(name, options, &spare_, debug);
      // If there is too little, what was promised may fit all the same; to refuse the log would be the end.
      if (status.ok()) spare_->provide(promised_).PermitUncheckedError();
    }
    if (!status.ok()) return status;
    options_ = options;
    current_ = spare_.get();
    *file = std::move(spare_);
    return status;
  }

  IOStatus take(std::uint64_t bytes, std::uint64_t kept_bytes) {
    const std::lock_guard lock(mutex_);
    promised_ += bytes;
    IOStatus status = current_ == nullptr ? IOStatus::OK() : current_->provide(promised_ + kept_bytes);
    if (status.ok()) status = provide_spare(promised_ + kept_bytes);
    if (!status.ok()) promised_ -= bytes;
    return status;
  }

  IOStatus prepare() {
    const std::lock_guard lock(mutex_);
    return provide_spare(promised_);
  }

  void close() {
    std::unique_ptr<LogFile> spare;
    {
      const std::lock_guard lock(mutex_);
      spare = std::move(spare_);
    }
    if (spare) Base::DeleteFile(spare_name_, IOOptions(), nullptr).PermitUncheckedError();
  }

  void release(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    promised_ -= bytes;
  }

  void count(LogFile& file, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    file.count(bytes);
  }

  void forget(const LogFile* file) {
    const std::lock_guard lock(mutex_);
    if (current_ == file) current_ = nullptr;
  }

 private:
  // RocksDB goes on to the next log whenever a memtable is full, and what was promised goes with it.
  IOStatus provide_spare(std::uint64_t bytes) {
    IOStatus status = spare_ ? IOStatus::OK() : make(spare_name_, options_, &spare_, nullptr);
    return status.ok() ? spare_->provide(bytes) : status;
  }
  IOStatus make(const std::string& name, const FileOptions& options, std::unique_ptr<LogFile>* file,
                IODebugContext* debug) {
    std::unique_ptr<rocksdb::FSWritableFile> made;
    IOStatus status = Base::NewWritableFile(name, options, &made, debug);
    if (status.ok()) *file = std::make_unique<LogFile>(std::move(made), *this);
    return status;
  }

  const std::string spare_name_;
  std::mutex mutex_;
  FileOptions options_;             // of logs
  LogFile* current_ = nullptr;      // the newest log; RocksDB owns it
  std::unique_ptr<LogFile> spare_;  // what will be the next
  std::uint64_t promised_ = 0;      // to batches that are being written
};

LogFile::~LogFile() { owner_.forget(this); }

IOStatus LogFile::Append(const Slice& data, const IOOptions& options, IODebugContext* debug) {
  IOStatus status = Base::Append(data, options, debug);
  if (status.ok()) owner_.count(*this, data.size());
  return status;
}

IOStatus LogFile::Append(const Slice& data, const IOOptions& options,
                         const rocksdb::DataVerificationInfo& verification, IODebugContext* debug) {
  IOStatus status = Base::Append(data, options, verification, debug);
  if (status.ok()) owner_.count(*this, data.size());
  return status;
}

class LogSpaceOfFiles final : public LogSpace {
 public:
  explicit LogSpaceOfFiles(std::shared_ptr<LogFiles> files) : files_(std::move(files)) {}

  [[nodiscard]] std::shared_ptr<rocksdb::FileSystem> files() override { return files_; }
  [[nodiscard]] rocksdb::Status take(std::uint64_t batch_bytes, bool adds_rows) override {
    return files_->take(logged_bytes(batch_bytes), adds_rows ? kKeptBytes : 0);
  }
  void release(std::uint64_t batch_bytes) override { files_->release(logged_bytes(batch_bytes)); }
  [[nodiscard]] rocksdb::Status prepare() override { return files_->prepare(); }
  void close() override { files_->close(); }

 private:
  const std::shared_ptr<LogFiles> files_;
};

}  // namespace

std::shared_ptr<LogSpace> LogSpace::over(const std::shared_ptr<rocksdb::FileSystem>& files,
                                         std::string directory) {
  return std::make_shared<LogSpaceOfFiles>(std::make_shared<LogFiles>(files, std::move(directory)));
}

}  // namespace tidemark::s3emu
