#include "s3emu/store/log_space.h"

#include <rocksdb/file_system.h>
#include <rocksdb/status.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/rocks_files.h"
#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

using rocksdb::IOStatus;

// What is left of a disk on which only what was put aside counts.
struct Disk {
  std::uint64_t left = 0;
  int failure = 0;  // of putting aside; 0: none
  int files_left = 100;
};

class File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, Disk& disk)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}
  IOStatus Allocate(std::uint64_t, std::uint64_t bytes, const rocksdb::IOOptions&,
                    rocksdb::IODebugContext*) override {
    if (disk_.failure != 0) return IOStatus::IOError("While fallocate", std::strerror(disk_.failure));
    if (disk_.left < bytes) return IOStatus::NoSpace("full");
    disk_.left -= bytes;
    return IOStatus::OK();
  }

 private:
  Disk& disk_;
};

class Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(Disk& disk) : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
  const char* Name() const override { return "Files"; }
  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           rocksdb::IODebugContext* debug) override {
    if (disk_.files_left == 0) return IOStatus::NoSpace("no descriptor");
    --disk_.files_left;
    IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    *file = std::make_unique<File>(std::move(*file), disk_);
    return status;
  }

 private:
  Disk& disk_;
};

constexpr std::uint64_t kStep = 256 * 1024;

struct Fixture {
  explicit Fixture(Disk given) : disk(given) {
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    space = LogSpace::over(with_failures_judged(std::make_shared<Files>(disk)), directory);
  }
  ~Fixture() {
    space.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  std::unique_ptr<rocksdb::FSWritableFile> next_log() {
    std::unique_ptr<rocksdb::FSWritableFile> log;
    const std::string name = directory + "/00000" + std::to_string(++logs) + ".log";
    REQUIRE(space->files()->NewWritableFile(name, {}, &log, nullptr).ok());
    REQUIRE(std::filesystem::exists(name));
    return log;
  }
  [[nodiscard]] bool has_spare() const { return std::filesystem::exists(directory + "/log.spare"); }

  Disk disk;
  std::string directory = (std::filesystem::temp_directory_path() / "log-space-XXXXXX").string();
  int logs = 0;
  std::shared_ptr<LogSpace> space;
};

TEST_CASE("a batch has its space in this log and in the next, or does not begin") {
  Fixture f({.left = 4 * kStep});
  const auto log = f.next_log();
  REQUIRE(f.space->take(1'000, true).ok());
  CHECK(f.has_spare());
  CHECK(f.disk.left == 0);
  // What others take at the same time stands beside it.
  CHECK(f.space->take(kStep, true).IsNoSpace());
  CHECK(f.space->take(1'000, true).ok());
  f.space->release(1'000);
  f.space->release(1'000);
  CHECK(f.space->take(kStep - 1'000, true).ok());
}

TEST_CASE("batches that take rows away have a little where others find none") {
  Fixture f({.left = 4 * kStep});
  const auto log = f.next_log();
  const std::string batch(kStep / 2, 'x');
  for (int i = 0; i < 2; ++i) {
    const bool adds_rows = i == 0;
    REQUIRE(f.space->take(batch.size(), adds_rows).ok());
    REQUIRE(log->Append(batch, {}, nullptr).ok());
    f.space->release(batch.size());
  }
  CHECK(f.space->take(batch.size(), true).IsNoSpace());
  CHECK(f.space->take(batch.size(), false).ok());
}

TEST_CASE("less than a step is put aside where there is not more") {
  Fixture f({.left = 2 * kStep + kStep + 1'500});
  const auto log = f.next_log();
  CHECK(f.space->take(1'000, true).ok());
  CHECK(f.space->take(1'000, true).IsNoSpace());
}

TEST_CASE("the next log is the spare with what was promised, also on a full disk") {
  Fixture f({.left = 4 * kStep, .files_left = 2});
  auto log = f.next_log();
  const std::string batch(kStep / 2, 'x');
  REQUIRE(f.space->take(batch.size(), true).ok());
  log = f.next_log();
  CHECK_FALSE(f.has_spare());
  // Not one more before there is a file for it.
  CHECK(f.space->prepare().IsNoSpace());
  CHECK(log->Append(batch, {}, nullptr).ok());
  f.space->release(batch.size());
  CHECK(f.space->take(1, false).IsNoSpace());
  f.disk.files_left = 1;
  CHECK(f.space->prepare().ok());
  CHECK(f.has_spare());
  CHECK(f.space->take(1, false).IsNoSpace());
  f.disk.left = 4 * kStep;
  CHECK(f.space->take(1, true).ok());
}

TEST_CASE("what was promised follows from log to log") {
  Fixture f({.left = 10 * kStep});
  auto log = f.next_log();
  REQUIRE(f.space->take(kStep, true).ok());
  log = f.next_log();
  REQUIRE(f.space->prepare().ok());
  CHECK(f.disk.left == 10 * kStep - 2 * 3 * kStep - 2 * kStep);
  log = f.next_log();
  log = f.next_log();  // without a spare
  CHECK(f.disk.left == 10 * kStep - 2 * 3 * kStep - 2 * 2 * kStep);
}

TEST_CASE("a quota is no space, and a file system that puts nothing aside is used all the same") {
  struct Case {
    int failure;
    bool is_refused;
  };
  const auto c = GENERATE(
      values<Case>({{EDQUOT, true}, {EMFILE, true}, {EIO, true}, {EOPNOTSUPP, false}, {ENOSYS, false}}));
  INFO(std::strerror(c.failure));
  Fixture f({.failure = c.failure});
  const auto log = f.next_log();
  const rocksdb::Status taken = f.space->take(10 * kStep, true);
  CHECK(taken.ok() != c.is_refused);
  CHECK(taken.IsNoSpace() == (c.failure == EDQUOT || c.failure == EMFILE));
}

TEST_CASE("the spare goes with the database") {
  Fixture f({.left = 2 * kStep});
  auto log = f.next_log();
  REQUIRE(f.space->take(1, false).ok());
  REQUIRE(f.has_spare());
  f.space->close();
  CHECK_FALSE(f.has_spare());
}

TEST_CASE("files that are no logs take no part") {
  Fixture f({.files_left = 1});
  std::unique_ptr<rocksdb::FSWritableFile> table;
  REQUIRE(f.space->files()->NewWritableFile(f.directory + "/000007.sst", {}, &table, nullptr).ok());
  CHECK(table->Append("bytes", {}, nullptr).ok());
}

}  // namespace
}  // namespace tidemark::s3emu
