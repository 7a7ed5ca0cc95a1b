#include "base/gzip.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/random.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

std::string sample(std::size_t size, bool compressible) {
  SeededRandom random(size);
  std::string out;
  while (out.size() < size) {
    out.append(compressible ? "{\"Item\":{\"pk\":{\"S\":\"" + random.hex(4) + "\"}}}\n" : random.base32(64));
  }
  out.resize(size);
  return out;
}

// A member with every optional field in its header: extra, name, comment, header check. The text "hello".
std::string member_with_everything() {
  std::string member = from_hex("1f8b081e000000000003").value();
  member.append("\x03").push_back('\0');
  member.append("ext").append("a.json").push_back('\0');
  member.append("a comment").push_back('\0');
  const std::uint32_t check = crc32(0, member);
  member.push_back(static_cast<char>(check));
  member.push_back(static_cast<char>(check >> 8));
  return member + gzip_compress("hello").substr(10);
}

TEST_CASE("the empty stream is these 20 bytes") {
  CHECK(to_hex(gzip_compress("")) == "1f8b08000000000000ff03000000000000000000");
  std::string out;
  GzipWriter writer;
  writer.write("", &out);
  writer.finish(&out);
  CHECK(to_hex(out) == "1f8b08000000000000ff03000000000000000000");
}

TEST_CASE("header and trailer have the promised bytes") {
  const std::string text = sample(100'000, true);
  const std::string member = gzip_compress(text);
  CHECK(to_hex(member.substr(0, 10)) == "1f8b08000000000000ff");
  CHECK(read_u32_le(member.data() + member.size() - 8) == crc32(0, text));
  CHECK(read_u32_le(member.data() + member.size() - 4) == text.size());
  CHECK(member.size() < text.size() / 3);
}

TEST_CASE("round trip, written and read in pieces of any size") {
  const std::size_t size = GENERATE(1, 2, 1'000, 70'000, 300'000);
  const std::size_t piece = GENERATE(1, 7, 4'096, 1'000'000);
  const bool compressible = GENERATE(true, false);
  if (piece < 4'096 && size > 1'000) return;  // slow, and no new case
  const std::string text = sample(size, compressible);
  std::string packed;
  GzipWriter writer;
  for (std::size_t at = 0; at < size; at += piece) {
    writer.write(std::string_view(text).substr(at, piece), &packed);
  }
  writer.finish(&packed);

  GzipReader reader;
  std::string unpacked;
  for (std::size_t at = 0; at < packed.size(); at += piece) {
    REQUIRE(reader.read(std::string_view(packed).substr(at, piece), &unpacked).has_value());
  }
  CHECK(reader.finish().has_value());
  CHECK(unpacked == text);
}

TEST_CASE("several members are one stream") {
  const std::string packed =
      gzip_compress("one,") + gzip_compress("") + member_with_everything() + gzip_compress(",two");
  CHECK(gzip_decompress(packed, 100).value() == "one,hello,two");
  GzipReader reader;
  std::string out;
  for (const char byte : packed) REQUIRE(reader.read({&byte, 1}, &out).has_value());
  CHECK(reader.finish().has_value());
  CHECK(out == "one,hello,two");
}

TEST_CASE("a header that is damaged or has no end is corrupt") {
  std::string damaged = member_with_everything();
  damaged[14] = 'X';
  CHECK_FALSE(gzip_decompress(damaged, 100).has_value());
  const std::string endless = from_hex("1f8b0808000000000003").value() + std::string(1'000'000, 'n');
  GzipReader reader;
  std::string out;
  CHECK_FALSE(reader.read(endless, &out).has_value());
}

TEST_CASE("the output of one call is bounded and the rest comes later") {
  const std::string text = sample(200'000, true);
  const std::string packed = gzip_compress(text) + gzip_compress(text);
  GzipReader reader;
  std::string out;
  std::string_view input = packed;
  while (true) {
    const std::size_t before = out.size();
    REQUIRE(reader.read(input, &out, 1'000).has_value());
    input = {};
    REQUIRE(out.size() - before <= 1'000);
    if (out.size() == before) break;
  }
  CHECK(reader.finish().has_value());
  CHECK(out == text + text);
}

TEST_CASE("a bomb is refused without being unpacked") {
  std::string text;
  text.resize(10'000'000, 'x');
  const std::string packed = gzip_compress(text);
  CHECK(gzip_decompress(packed, 1'000).error().code == ErrorCode::kInvalidArgument);
  CHECK(gzip_decompress(packed, text.size()).value() == text);
  CHECK_FALSE(gzip_decompress(packed, 9'999'999).has_value());
}

TEST_CASE("a stream that is cut anywhere is corrupt") {
  const std::string packed = gzip_compress("some text, some text") + gzip_compress("more");
  const std::size_t first = gzip_compress("some text, some text").size();
  for (std::size_t size = 1; size < packed.size(); ++size) {
    INFO(size);
    const auto unpacked = gzip_decompress(std::string_view(packed).substr(0, size), 1'000);
    if (size == first) {
      CHECK(unpacked.value() == "some text, some text");
    } else {
      REQUIRE_FALSE(unpacked.has_value());
      CHECK(unpacked.error().code == ErrorCode::kCorruption);
    }
  }
}

TEST_CASE("a flipped bit never gives another text") {
  const std::string text = "some text that is long enough to hold a few symbols";
  const std::string packed = gzip_compress(text);
  for (std::size_t at = 10; at < packed.size(); ++at) {
    INFO(at);
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto unpacked = gzip_decompress(damaged, 100'000);
    // The bits that fill up the last byte before the trailer mean nothing.
    const bool is_filler = at == packed.size() - 9;
    CHECK((is_filler ? unpacked.value_or(text) == text : !unpacked.has_value()));
  }
}

TEST_CASE("what is not gzip is corrupt, and stays so") {
  const auto bytes = GENERATE(values<std::string>(
      {"{\"Item\":{}}", "PK\x03\x04zip file here", gzip_compress("x") + "trailing garbage"}));
  GzipReader reader;
  std::string out;
  CHECK(reader.read(bytes, &out).error().code == ErrorCode::kCorruption);
  CHECK(reader.read(gzip_compress("good"), &out).error().code == ErrorCode::kCorruption);
  CHECK(reader.finish().error().code == ErrorCode::kCorruption);
}

// ISA-L says of this one, found by fuzzing, that it took a byte more than it was given.
TEST_CASE("a damaged stream whose end is overrun is corrupt, and nothing else") {
  const std::string bytes =
      from_hex(
          "1f8b0800000000000203ab56f22c49cd5565aa562ac80691c14a564a894ab53a4ac560ae1f906ba8670a124802f19d80"
          "7cc7405b5b90400e48c047c92a1aa82cd407c828292a4dadd5012af2f707f2d212738a536b63810ac1c6fb82880a9815"
          "b5314ad5313131a5060669c94ab5fb8ac17240c968a0553a4047c402c5ab07b7f3006e3f9f2c3e01000072657374")
          .value();
  for (std::size_t piece_bytes = 1; piece_bytes <= bytes.size(); ++piece_bytes) {
    INFO(piece_bytes);
    GzipReader reader;
    std::string out;
    Result<void> read;
    for (std::size_t at = 0; at < bytes.size() && read; at += piece_bytes) {
      read = reader.read(std::string(bytes.substr(at, piece_bytes)), &out);
    }
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::kCorruption);
  }
}

TEST_CASE("no input at all is an empty stream") { CHECK(gzip_decompress("", 10).value().empty()); }

}  // namespace
}  // namespace tidemark
