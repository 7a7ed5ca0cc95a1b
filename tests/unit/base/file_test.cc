#include "base/file.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-file-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string path(const std::string& name = "") const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

 private:
  std::string path_;
};

TEST_CASE("an appended file reads back and remembers its size") {
  const Folder folder;
  FileSystem& files = posix_file_system();
  const std::string path = folder.path("log");
  {
    const auto file = files.open_append(path).value();
    CHECK(file->size() == 0);
    REQUIRE(file->append("hello ").has_value());
    REQUIRE(file->append("world").has_value());
    CHECK(file->size() == 11);
    CHECK(file->sync().has_value());
    char buffer[32];
    CHECK(file->read_at(6, buffer, sizeof(buffer)).value() == 5);
    CHECK(std::string(buffer, 5) == "world");
    CHECK(file->read_at(11, buffer, sizeof(buffer)).value() == 0);
    CHECK(file->read_at(100, buffer, sizeof(buffer)).value() == 0);
    CHECK(file->descriptor() >= 0);
  }
  const auto again = files.open_append(path).value();
  CHECK(again->size() == 11);
  REQUIRE(again->truncate(5).has_value());
  CHECK(again->size() == 5);
  REQUIRE(again->append("!").has_value());
  CHECK(read_file(files, path).value() == "hello!");
}

TEST_CASE("what is in memory is read without waiting for the disk") {
  const Folder folder;
  const auto file = posix_file_system().open_append(folder.path("data")).value();
  REQUIRE(file->append("just written").has_value());
  char buffer[32];
  const auto read = file->read_cached(5, buffer, sizeof(buffer));
  REQUIRE(read.has_value());
  // A file system may not be able to tell; what it does answer is right.
  if (*read) CHECK(std::string(buffer, **read) == "written");
  const auto behind = file->read_cached(100, buffer, sizeof(buffer));
  CHECK((behind.has_value() && behind->value_or(0) == 0));
}

TEST_CASE("replace puts the new content in place and leaves no other file") {
  const Folder folder;
  FileSystem& files = posix_file_system();
  const bool sync = GENERATE(false, true);
  REQUIRE(files.replace(folder.path("state"), "one", sync).has_value());
  const auto reader = files.open_read(folder.path("state")).value();
  REQUIRE(files.replace(folder.path("state"), "second", sync).has_value());
  CHECK(read_file(files, folder.path("state")).value() == "second");
  char buffer[8];
  CHECK(reader->read_at(0, buffer, sizeof(buffer)).value() == 3);  // an open reader keeps the old content
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"state"});
}

TEST_CASE("names: rename, link, remove, list, directories") {
  const Folder folder;
  FileSystem& files = posix_file_system();
  REQUIRE(files.create_directories(folder.path("a/b/c")).has_value());
  REQUIRE(files.create_directories(folder.path("a/b/c")).has_value());
  REQUIRE(files.replace(folder.path("a/z"), "1", false).has_value());
  REQUIRE(files.link(folder.path("a/z"), folder.path("a/k")).has_value());
  REQUIRE(files.rename(folder.path("a/z"), folder.path("a/y")).has_value());
  CHECK(files.list(folder.path("a")).value() == std::vector<std::string>{"b", "k", "y"});
  CHECK(files.link(folder.path("a/k"), folder.path("a/y")).error().code == ErrorCode::kAlreadyExists);
  REQUIRE(files.remove(folder.path("a/k")).has_value());
  CHECK_FALSE(files.exists(folder.path("a/k")));
  CHECK(files.exists(folder.path("a/y")));
  CHECK(read_file(files, folder.path("a/y")).value() == "1");
  CHECK(files.remove(folder.path("a/b/c")).has_value());
  CHECK(files.sync_directory(folder.path("a")).has_value());
}

TEST_CASE("what is not there is kNotFound and named") {
  const Folder folder;
  FileSystem& files = posix_file_system();
  const std::string path = folder.path("missing");
  CHECK(files.open_read(path).error().code == ErrorCode::kNotFound);
  CHECK(files.open_read(path).error().message.find(path) != std::string::npos);
  CHECK(files.remove(path).error().code == ErrorCode::kNotFound);
  CHECK(files.list(path).error().code == ErrorCode::kNotFound);
  CHECK(files.rename(path, folder.path("x")).error().code == ErrorCode::kNotFound);
  CHECK(files.link(path, folder.path("x")).error().code == ErrorCode::kNotFound);
  CHECK(files.sync_directory(path).error().code == ErrorCode::kNotFound);
  CHECK(files.open_append(path + "/below").error().code == ErrorCode::kNotFound);
  CHECK(files.replace(path + "/below", "x", true).error().code == ErrorCode::kNotFound);
  CHECK(read_file(files, path).error().code == ErrorCode::kNotFound);
}

TEST_CASE("misuse is kIo") {
  const Folder folder;
  FileSystem& files = posix_file_system();
  CHECK(files.open_read(folder.path()).error().code == ErrorCode::kIo);  // a directory
  REQUIRE(files.replace(folder.path("f"), "x", false).has_value());
  const auto reader = files.open_read(folder.path("f")).value();
  CHECK(reader->append("y").error().code == ErrorCode::kIo);
  CHECK(reader->size() == 1);
}

TEST_CASE("a full disk is kNoSpace") {
  FileSystem& files = posix_file_system();
  if (!files.exists("/dev/full")) return;
  const auto full = files.open_append("/dev/full").value();
  CHECK(full->append("x").error().code == ErrorCode::kNoSpace);
  CHECK(full->size() == 0);
}

}  // namespace
}  // namespace tidemark
