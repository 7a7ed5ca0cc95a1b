#include "base/rocks_files.h"

#include <rocksdb/env.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

class Databases {
 public:
  Databases() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-rocks-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Databases() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// No file can be opened while it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none = {.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("RocksDB takes a lack of descriptors for a full disk, which passes") {
  const Databases folder;
  std::unique_ptr<rocksdb::WritableFile> file;
  std::unique_ptr<rocksdb::Directory> directory;
  {
    const NoDescriptors none;
    CHECK(rocks_env()->NewWritableFile(folder.path("a"), &file, {}).IsNoSpace());
    CHECK(rocks_env()->NewDirectory(folder.path(""), &directory).IsNoSpace());
  }
  REQUIRE(rocks_env()->NewWritableFile(folder.path("a"), &file, {}).ok());
  CHECK(file->Append("bytes").ok());
  CHECK(file->Close().ok());
}

TEST_CASE("other failures stay what they are") {
  const Databases folder;
  std::unique_ptr<rocksdb::SequentialFile> file;
  const rocksdb::Status status = rocks_env()->NewSequentialFile(folder.path("nowhere"), &file, {});
  CHECK(status.IsPathNotFound());
  CHECK_FALSE(status.IsNoSpace());
}

}  // namespace
}  // namespace tidemark
