#include "s3emu/store/log_space.h"

#include <rocksdb/file_system.h>
#include <rocksdb/status.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

using rocksdb::IOStatus;

// What is left of a disk on which only what was put aside counts.
struct Disk {
  std::uint64_t left = 0;
  bool can_put_aside = true;
  int files_left = 100;
};

class File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, Disk& disk)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}
  IOStatus Allocate(std::uint64_t, std::uint64_t bytes, const rocksdb::IOOptions&,
                    rocksdb::IODebugContext*) override {
    if (!disk_.can_put_aside) return IOStatus::IOError("Operation not supported");
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
    space = LogSpace::over(std::make_shared<Files>(disk), directory);
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
  Fixture f({.left = 3 * kStep});
  const auto log = f.next_log();
  REQUIRE(f.space->take(1000).ok());
  CHECK(f.has_spare());
  CHECK(f.disk.left == kStep);
  // What others take at the same time stands beside it.
  CHECK(f.space->take(kStep).IsNoSpace());
  CHECK(f.space->take(1000).ok());
  f.space->release(1000);
  f.space->release(1000);
}

TEST_CASE("what was written is no longer put aside") {
  Fixture f({.left = 2 * kStep});
  const auto log = f.next_log();
  const std::string batch(kStep / 4, 'x');
  for (int i = 0; i < 3; ++i) {
    REQUIRE(f.space->take(batch.size()).ok());
    REQUIRE(log->Append(batch, {}, nullptr).ok());
    f.space->release(batch.size());
  }
  CHECK(f.space->take(batch.size()).IsNoSpace());  // with what lies around it, it would be too much
  CHECK(f.space->take(batch.size() - 1000).ok());
}

TEST_CASE("the next log is the spare with what was promised, also on a full disk") {
  Fixture f({.left = 2 * kStep, .files_left = 2});
  auto log = f.next_log();
  const std::string batch(kStep / 2, 'x');
  REQUIRE(f.space->take(batch.size()).ok());
  log = f.next_log();
  CHECK_FALSE(f.has_spare());
  CHECK(log->Append(batch, {}, nullptr).ok());
  f.space->release(batch.size());
  // There would be space, but no file for the log behind it.
  CHECK(f.space->take(1).IsNoSpace());
  f.disk.files_left = 1;
  CHECK(f.space->take(1).IsNoSpace());
  f.disk.left = kStep;
  CHECK(f.space->take(1).ok());
  CHECK(f.has_spare());
}

TEST_CASE("a file system that puts nothing aside is used all the same") {
  Fixture f({.can_put_aside = false});
  const auto log = f.next_log();
  CHECK(f.space->take(10 * kStep).ok());
}

TEST_CASE("the spare goes with the database") {
  Fixture f({.left = 2 * kStep});
  auto log = f.next_log();
  REQUIRE(f.space->take(1).ok());
  REQUIRE(f.has_spare());
  log.reset();
  f.space.reset();
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
