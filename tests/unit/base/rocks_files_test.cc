#include "base/rocks_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

using rocksdb::IOStatus;

// What RocksDB's own files say of a failed call.
IOStatus failure(int number) {
  return IOStatus::IOError("While doing something to: state/000007.sst", std::strerror(number));
}

class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FailingFile(std::unique_ptr<rocksdb::FSWritableFile> file, int number)
      : FSWritableFileOwnerWrapper(std::move(file)), number_(number) {}
  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return failure(number_);
  }
  IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override { return failure(number_); }

 private:
  const int number_;
};

class FailingFiles final : public rocksdb::FileSystemWrapper {
 public:
  FailingFiles(int number, bool opens)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), number_(number), opens_(opens) {
    const int descriptor = ::mkstemp(path_.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
  }
  ~FailingFiles() override { ::unlink(path_.c_str()); }
  FailingFiles(const FailingFiles&) = delete;
  FailingFiles& operator=(const FailingFiles&) = delete;
  const char* Name() const override { return "FailingFiles"; }

  IOStatus NewWritableFile(const std::string&, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           rocksdb::IODebugContext* debug) override {
    if (!opens_) return failure(number_);
    IOStatus status = FileSystemWrapper::NewWritableFile(path_, options, file, debug);
    *file = std::make_unique<FailingFile>(std::move(*file), number_);
    return status;
  }
  IOStatus NewRandomAccessFile(const std::string&, const rocksdb::FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>*,
                               rocksdb::IODebugContext*) override {
    return failure(number_);
  }
  IOStatus NewDirectory(const std::string&, const rocksdb::IOOptions&, std::unique_ptr<rocksdb::FSDirectory>*,
                        rocksdb::IODebugContext*) override {
    return failure(number_);
  }

 private:
  const int number_;
  const bool opens_;
  std::string path_ = (std::filesystem::temp_directory_path() / "tidemark-rocks-XXXXXX").string();
};

struct Case {
  int number;
  bool passes;
};

Case cases() {
  return GENERATE(
      values<Case>({{EMFILE, true}, {ENFILE, true}, {EDQUOT, true}, {EIO, false}, {EROFS, false}}));
}

TEST_CASE("RocksDB takes what passes for a full disk when it opens files") {
  const Case c = cases();
  INFO(std::strerror(c.number));
  const auto files = with_failures_judged(std::make_shared<FailingFiles>(c.number, false));
  std::unique_ptr<rocksdb::FSWritableFile> file;
  std::unique_ptr<rocksdb::FSRandomAccessFile> read;
  std::unique_ptr<rocksdb::FSDirectory> directory;
  CHECK(files->NewWritableFile("a", {}, &file, nullptr).IsNoSpace() == c.passes);
  CHECK(files->NewRandomAccessFile("a", {}, &read, nullptr).IsNoSpace() == c.passes);
  const IOStatus status = files->NewDirectory("a", {}, &directory, nullptr);
  CHECK(status.IsNoSpace() == c.passes);
  CHECK(status.IsIOError());
  CHECK(status.ToString().find(std::strerror(c.number)) != std::string::npos);
}

TEST_CASE("RocksDB takes what passes for a full disk when it writes") {
  const Case c = cases();
  INFO(std::strerror(c.number));
  const auto files = with_failures_judged(std::make_shared<FailingFiles>(c.number, true));
  std::unique_ptr<rocksdb::FSWritableFile> file;
  REQUIRE(files->NewWritableFile("a", {}, &file, nullptr).ok());
  CHECK(file->Append("bytes", {}, nullptr).IsNoSpace() == c.passes);
  CHECK(file->Sync({}, nullptr).IsNoSpace() == c.passes);
  CHECK(file->Close({}, nullptr).ok());
}

TEST_CASE("files that are not there are not there") {
  std::unique_ptr<rocksdb::SequentialFile> file;
  CHECK(rocks_env()->NewSequentialFile("/nowhere/at/all", &file, {}).IsPathNotFound());
}

}  // namespace
}  // namespace tidemark
