#include "base/zlib_format.h"

#include <string>

#include "base/gzip.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

// As zlib itself writes it.
const std::string kHello("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15", 13);

TEST_CASE("the zlib format") {
  CHECK(zlib_decompress(kHello, 5) == "hello");
  CHECK(zlib_decompress(kHello, 4).error().code == ErrorCode::kInvalidArgument);
  std::string large;
  for (int i = 0; i < 300'000; ++i) large += std::to_string(i);
  for (const std::string& text : {std::string(), std::string("x"), std::string(65'536, 'a'), large}) {
    CHECK(zlib_decompress(zlib_compress(text), text.size()) == text);
  }
  CHECK(zlib_compress(large).size() < large.size() / 2);
}

TEST_CASE("what is not exactly one zlib stream is corrupt") {
  struct Case {
    const char* why;
    std::string bytes;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", ""},
      {"cut", kHello.substr(0, 12)},
      {"more behind it", kHello + "x"},
      {"another checksum", kHello.substr(0, 12) + "\x14"},
      {"text", "hello"},
      {"no header", kHello.substr(2)},
      {"gzip", gzip_compress("hello")},
  }));
  INFO(c.why);
  const auto text = zlib_decompress(c.bytes, 100);
  REQUIRE_FALSE(text.has_value());
  CHECK(text.error().code == ErrorCode::kCorruption);
}

}  // namespace
}  // namespace tidemark
