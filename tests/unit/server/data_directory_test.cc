#include "server/data_directory.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/checked_file.h"
#include "base/file.h"
#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

struct Base {
  Base() : path(fs::temp_directory_path() / ("tidemark-test-" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Base() { fs::remove_all(path); }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
  fs::path path;
};

TEST_CASE("a start that fails leaves no directory behind that it made, and removes no other") {
  Base base;
  const fs::path outer = base.path / "outer";
  {
    const auto directory = DataDirectory::open(outer / "deep" / "data");
    REQUIRE(directory);
    std::ofstream(outer / "deep" / "data" / "file") << "begun";
  }
  CHECK(base.entries() == 0);

  fs::create_directories(outer);
  DataDirectory::open(outer / "deep").value().reset();
  CHECK(fs::exists(outer));
  CHECK(fs::is_empty(outer));

  DataDirectory::open(outer / "deep").value()->keep();
  CHECK(fs::exists(outer / "deep" / "FORMAT"));
  DataDirectory::open(outer / "deep").value().reset();
  CHECK(fs::exists(outer / "deep" / "FORMAT"));
}

TEST_CASE("a data directory is created, and belongs to one server at a time") {
  Base base;
  const std::string path = base.path / "deep" / "data";
  auto first = DataDirectory::open(path);
  REQUIRE(first.has_value());
  CHECK((*first)->path() == path);

  const auto second = DataDirectory::open(path);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::kUnavailable);
  CHECK(second.error().message ==
        "the data directory " + path + " is in use by process " + std::to_string(::getpid()));

  (*first)->keep();
  first->reset();
  CHECK(fs::exists(path));
  CHECK(DataDirectory::open(path).has_value());
}

TEST_CASE("a data directory that cannot be is named") {
  Base base;
  std::ofstream(base.path / "file") << "x";
  const auto directory = DataDirectory::open(base.path / "file");
  REQUIRE_FALSE(directory.has_value());
  CHECK(directory.error().message.find((base.path / "file").string()) != std::string::npos);
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("a new data directory says which format its data has") {
  Base base;
  REQUIRE(DataDirectory::open(base.path));
  const std::string format = content_of(base.path / "FORMAT");
  CHECK(format == "{\"format\":6}\ncrc32c 75d92177\n");
  fs::create_directories(base.path / "dynamodb");
  REQUIRE(DataDirectory::open(base.path));
  CHECK(content_of(base.path / "FORMAT") == format);
}

TEST_CASE("the data of the versions before is taken over") {
  const std::string version = GENERATE("2", "3", "4", "5");
  Base base;
  fs::create_directories(base.path / "dynamodb");
  REQUIRE(
      replace_checked_file(posix_file_system(), base.path / "FORMAT", "{\"format\":" + version + "}", false));
  REQUIRE(DataDirectory::open(base.path));
  CHECK(content_of(base.path / "FORMAT").starts_with("{\"format\":6}"));
}

TEST_CASE("the data of another version is refused, and left as it was") {
  struct Case {
    const char* why;
    const char* room;    // of the data
    const char* format;  // content of FORMAT; null: there is none
    ErrorCode code;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"tables of a version without FORMAT", "dynamodb", nullptr, ErrorCode::kInvalidArgument,
       "was written by an earlier version of Tidemark, whose data this one does not read"},
      {"objects of a version without FORMAT", "objects", nullptr, ErrorCode::kInvalidArgument,
       "was written by an earlier version of Tidemark, whose data this one does not read"},
      {"an earlier format", "dynamodb", "{\"format\":1}", ErrorCode::kInvalidArgument,
       "was written by an earlier version of Tidemark, whose data this one does not read"},
      {"a later format", "dynamodb", "{\"format\":7}", ErrorCode::kInvalidArgument,
       "was written by a later version of Tidemark, whose data this one does not read"},
      {"no number", "objects", "{\"format\":\"2\"}", ErrorCode::kCorruption,
       "FORMAT does not say which version the data is of"},
      {"no object", "objects", "2", ErrorCode::kCorruption,
       "FORMAT does not say which version the data is of"},
  }));
  INFO(c.why);
  Base base;
  fs::create_directories(base.path / c.room);
  if (c.format != nullptr) {
    REQUIRE(replace_checked_file(posix_file_system(), base.path / "FORMAT", c.format, false));
  }
  const std::string before = content_of(base.path / "FORMAT");
  const auto refused = DataDirectory::open(base.path);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == c.code);
  CHECK(refused.error().message.find(base.path.string()) != std::string::npos);
  CHECK(refused.error().message.find(c.message) != std::string::npos);
  CHECK(content_of(base.path / "FORMAT") == before);
}

TEST_CASE("a damaged FORMAT is refused") {
  Base base;
  REQUIRE(DataDirectory::open(base.path));
  std::string format = content_of(base.path / "FORMAT");
  format[10] ^= 1;
  std::ofstream(base.path / "FORMAT", std::ios::binary) << format;
  const auto refused = DataDirectory::open(base.path);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kCorruption);
  CHECK(refused.error().message.find((base.path / "FORMAT").string()) != std::string::npos);
}

TEST_CASE("temporary data is private and goes with its server") {
  Base base;
  SeededRandom random(1);
  {
    const auto directory = DataDirectory::create_temporary({base.path}, random);
    REQUIRE(directory.has_value());
    CHECK(fs::status((*directory)->path()).permissions() == fs::perms::owner_all);
    std::ofstream((*directory)->path() + "/table") << "rows";
    CHECK(base.entries() == 1);
  }
  CHECK(base.entries() == 0);
}

TEST_CASE("what dead servers left is swept, what living ones have stays") {
  Base base;
  SeededRandom random(1);
  const auto living = DataDirectory::create_temporary({base.path}, random);
  REQUIRE(living.has_value());
  const fs::path dead = base.path / "tidemark-mem-1-aaaaaaaa";
  fs::create_directories(dead / "state");
  std::ofstream(dead / "tidemark.lock") << "1";
  const fs::path half_removed = base.path / "tidemark-mem-1-bbbbbbbb";
  fs::create_directories(half_removed);
  const fs::path foreign = base.path / "something-else";
  fs::create_directories(foreign);

  const auto next = DataDirectory::create_temporary({base.path}, random);
  REQUIRE(next.has_value());
  CHECK(fs::exists((*living)->path()));
  CHECK(fs::exists((*next)->path()));
  CHECK(fs::exists(foreign));
  CHECK_FALSE(fs::exists(dead));
  CHECK_FALSE(fs::exists(half_removed));
}

TEST_CASE("a base without room is passed over") {
  Base base;
  SeededRandom random(1);
  const auto directory = DataDirectory::create_temporary({"/no/such/base", base.path}, random);
  REQUIRE(directory.has_value());
  CHECK((*directory)->path().starts_with(base.path.string()));
}

}  // namespace
}  // namespace tidemark::server
