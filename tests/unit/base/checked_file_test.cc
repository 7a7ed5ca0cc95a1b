#include "base/checked_file.h"

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/faulty_file_system.h"

namespace tidemark {
namespace {

// In a folder of its own: the file system that fails lies over the real one.
class CheckedFileFixture {
 public:
  CheckedFileFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-checked-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
    path = directory + "/FILE";
  }
  ~CheckedFileFixture() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  CheckedFileFixture(const CheckedFileFixture&) = delete;
  CheckedFileFixture& operator=(const CheckedFileFixture&) = delete;

  FaultyFileSystem files;
  std::string directory;
  std::string path;
};

TEST_CASE_METHOD(CheckedFileFixture, "a checked file gives its text back") {
  for (const std::string text : {R"({"format":2,"sequence":42})", ""}) {
    REQUIRE(replace_checked_file(files, path, text, true));
    CHECK(read_checked_file(files, path).value() == text);
  }
  CHECK(read_checked_file(files, directory + "/none").error().code == ErrorCode::kNotFound);
}

TEST_CASE_METHOD(CheckedFileFixture, "the bytes of a checked file") {
  // CRC-32C of "123456789" as in RFC 3720, appendix B.4 and the catalogue of CRC algorithms.
  REQUIRE(replace_checked_file(files, path, "123456789", false));
  CHECK(read_file(files, path).value() == "123456789\ncrc32c e3069283\n");
}

TEST_CASE_METHOD(CheckedFileFixture, "every changed bit and every cut of a checked file is noticed") {
  REQUIRE(replace_checked_file(files, path, R"({"sequence":1002})", true));
  const std::string good = read_file(files, path).value();
  const auto refused = [this](const std::string& content) {
    REQUIRE(files.replace(path, content, true));
    const auto read = read_checked_file(files, path);
    return !read && read.error().code == ErrorCode::kCorruption && read.error().message.starts_with(path);
  };
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit);
    CHECK(refused(bad));
  }
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(refused(good.substr(0, size)));
  CHECK(refused(good + "x"));
}

}  // namespace
}  // namespace tidemark
