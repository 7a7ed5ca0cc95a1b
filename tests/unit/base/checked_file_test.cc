#include "base/checked_file.h"

#include "tests/support/catch.h"
#include "tests/support/faulty_file_system.h"

namespace tidemark {
namespace {

constexpr const char* kPath = "/d/FILE";

}  // namespace

TEST_CASE("a checked file gives its text back") {
  FaultyFileSystem files;
  REQUIRE(files.create_directories("/d"));
  for (const std::string text : {R"({"format":2,"sequence":42})", ""}) {
    REQUIRE(replace_checked_file(files, kPath, text, true));
    CHECK(read_checked_file(files, kPath).value() == text);
  }
  CHECK(read_checked_file(files, "/d/none").error().code == ErrorCode::kNotFound);
}

TEST_CASE("the bytes of a checked file") {
  FaultyFileSystem files;
  REQUIRE(files.create_directories("/d"));
  // CRC-32C of "123456789" as in RFC 3720, appendix B.4 and the catalogue of CRC algorithms.
  REQUIRE(replace_checked_file(files, kPath, "123456789", false));
  CHECK(read_file(files, kPath).value() == "123456789\ncrc32c e3069283\n");
}

TEST_CASE("every changed bit and every cut of a checked file is noticed") {
  FaultyFileSystem files;
  REQUIRE(files.create_directories("/d"));
  REQUIRE(replace_checked_file(files, kPath, R"({"sequence":1002})", true));
  const std::string good = read_file(files, kPath).value();
  const auto refused = [&files](const std::string& content) {
    REQUIRE(files.replace(kPath, content, true));
    const auto read = read_checked_file(files, kPath);
    return !read && read.error().code == ErrorCode::kCorruption && read.error().message.starts_with(kPath);
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

}  // namespace tidemark
