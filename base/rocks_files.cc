#include "base/rocks_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace tidemark {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

bool will_pass(const IOStatus& status) {
  return has_failed_with(status, EMFILE) || has_failed_with(status, ENFILE) ||
         has_failed_with(status, EDQUOT);
}

IOStatus judged(IOStatus status) {
  if (status.ok() || !will_pass(status)) return status;
  IOStatus passing = IOStatus::NoSpace(status.ToString());
  passing.SetRetryable(true);
  return passing;
}

class JudgedWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;
  using Base = FSWritableFileOwnerWrapper;

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return judged(Base::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification, IODebugContext* debug) override {
    return judged(Base::Append(data, options, verification, debug));
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    return judged(Base::PositionedAppend(data, offset, options, debug));
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo& verification,
                            IODebugContext* debug) override {
    return judged(Base::PositionedAppend(data, offset, options, verification, debug));
  }
  IOStatus Allocate(std::uint64_t offset, std::uint64_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    return judged(Base::Allocate(offset, size, options, debug));
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t size, const IOOptions& options,
                     IODebugContext* debug) override {
    return judged(Base::RangeSync(offset, size, options, debug));
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return judged(Base::Truncate(size, options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return judged(Base::Close(options, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return judged(Base::Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return judged(Base::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return judged(Base::Fsync(options, debug));
  }
};

class JudgedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  using Base = FileSystemWrapper;

  const char* Name() const override { return "TidemarkFileSystem"; }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* debug) override {
    return judged(Base::NewSequentialFile(name, options, file, debug));
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    return judged(Base::NewRandomAccessFile(name, options, file, debug));
  }
  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return kept(Base::NewWritableFile(name, options, file, debug), file);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* debug) override {
    return kept(Base::ReopenWritableFile(name, options, file, debug), file);
  }
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    return kept(Base::ReuseWritableFile(name, old_name, options, file, debug), file);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) override {
    return judged(Base::NewDirectory(name, options, directory, debug));
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return judged(Base::RenameFile(from, to, options, debug));
  }

 private:
  static IOStatus kept(IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<JudgedWritableFile>(std::move(*file));
    return judged(std::move(status));
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> with_failures_judged(const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_shared<JudgedFileSystem>(files);
}

bool has_failed_with(const IOStatus& status, int number) {
  if (!status.IsIOError() || status.IsNoSpace()) return false;
  return status.ToString().ends_with(std::generic_category().message(number));
}

rocksdb::Env* rocks_env() {
  // Never freed: databases use it to their very end.
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(with_failures_judged(rocksdb::FileSystem::Default())).release();
  return env;
}

}  // namespace tidemark
