#include "base/zstd.h"

#include <zstd.h>

#include <string>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

std::string compress(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  REQUIRE(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

// Everything, in pieces of so many bytes; what came before an error, and then `!`.
std::string decompress(std::string_view bytes, std::size_t piece_bytes, std::size_t out_bytes_max) {
  ZstdReader reader;
  std::string out;
  while (!bytes.empty()) {
    std::string piece(bytes.substr(0, piece_bytes));
    bytes.remove_prefix(piece.size());
    for (std::size_t before = out.size() + 1; before != out.size(); piece.clear()) {
      before = out.size();
      if (!reader.read(piece, &out, out_bytes_max)) return out + "!";
      CHECK(out.size() - before <= out_bytes_max);
    }
  }
  return reader.finish() ? out : out + "!";
}

TEST_CASE("frames follow each other, however they arrive") {
  const std::string large(300'000, 'x');
  const std::string skippable = std::string("\x50\x2a\x4d\x18\x03\x00\x00\x00", 8) + "abc";
  const std::string stream = compress("one") + compress("") + skippable + compress(large) + compress("two");
  const auto piece = static_cast<std::size_t>(GENERATE(1, 5, 1 << 20));
  const auto most = static_cast<std::size_t>(GENERATE(7, 1 << 20));
  CHECK(decompress(stream, piece, most) == "one" + large + "two");
  CHECK(decompress("", piece, most).empty());
  CHECK(decompress(stream.substr(0, stream.size() - 1), piece, most).ends_with("!"));
}

TEST_CASE("what is no frame is refused, and what came before it is there") {
  CHECK(decompress(compress("one") + "junk and more of it", 3, 100) == "one!");
  CHECK(decompress("{\"Item\":{}}", 100, 100) == "!");
}

}  // namespace
}  // namespace tidemark
