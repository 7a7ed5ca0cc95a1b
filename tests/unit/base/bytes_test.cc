#include "base/bytes.h"

#include "base/random.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

using namespace std::string_literals;

TEST_CASE("fixed-width integers have pinned bytes and read back") {
  std::string out;
  append_u16_be(&out, 0x0102);
  append_u32_be(&out, 0x01020304);
  append_u64_be(&out, 0x0102030405060708);
  append_u32_le(&out, 0x01020304);
  append_u64_le(&out, 0x0102030405060708);
  CHECK(to_hex(out) ==
        "0102"
        "01020304"
        "0102030405060708"
        "04030201"
        "0807060504030201");
  CHECK(read_u16_be(out.data()) == 0x0102);
  CHECK(read_u32_be(out.data() + 2) == 0x01020304);
  CHECK(read_u64_be(out.data() + 6) == 0x0102030405060708);
  CHECK(read_u32_le(out.data() + 14) == 0x01020304);
  CHECK(read_u64_le(out.data() + 18) == 0x0102030405060708);
}

TEST_CASE("varints") {
  struct Case {
    std::uint64_t value;
    std::string hex;
  };
  const auto c = GENERATE(values<Case>({
      {0, "00"},
      {1, "01"},
      {127, "7f"},
      {128, "8001"},
      {300, "ac02"},
      {0xffffffffffffffff, "ffffffffffffffffff01"},
  }));
  INFO(c.hex);
  std::string out;
  append_varint(&out, c.value);
  CHECK(to_hex(out) == c.hex);
  const std::string followed = out + "rest";
  std::string_view in = followed;
  CHECK(take_varint(&in) == c.value);
  CHECK(in == "rest");
}

TEST_CASE("a varint that is cut or too long is refused and the input kept") {
  const auto hex = GENERATE(values<std::string>(
      {"", "80", "ffffffffffffffffff", "ffffffffffffffffff02", "8080808080808080808001"}));
  INFO(hex);
  const std::string bytes = from_hex(hex).value();
  std::string_view in = bytes;
  CHECK_FALSE(take_varint(&in).has_value());
  CHECK(in == bytes);
}

TEST_CASE("hexadecimal") {
  CHECK(to_hex("\x00\xff\x1a"s) == "00ff1a");
  CHECK(from_hex("00FF1a") == "\x00\xff\x1a"s);
  CHECK(from_hex("") == "");
  CHECK_FALSE(from_hex("0").has_value());
  CHECK_FALSE(from_hex("0g").has_value());
  CHECK_FALSE(from_hex("-1").has_value());
}

TEST_CASE("base64 of RFC 4648") {
  struct Case {
    std::string bytes, text;
  };
  const auto c = GENERATE(values<Case>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+"},
      {"\0"s, "AA=="},
  }));
  CHECK(base64_encode(c.bytes) == c.text);
  CHECK(base64_decode(c.text) == c.bytes);
  CHECK(is_base64(c.text));
  CHECK(base64_decoded_size(c.text) == c.bytes.size());
}

TEST_CASE("base64 that is not strict is refused") {
  struct Case {
    const char* why;
    std::string text;
  };
  const auto c = GENERATE(values<Case>({
      {"length", "Zg"},
      {"length", "Zg="},
      {"unused bits set, one byte", "Zh=="},
      {"unused bits set, two bytes", "Zm9="},
      {"padding inside", "Zg==Zg=="},
      {"padding inside", "Z=g="},
      {"only padding", "===="},
      {"too much padding", "Z==="},
      {"foreign character", "Zm9*"},
      {"foreign character before the padding", "Z*=="},
      {"URL alphabet", "-__-"},
      {"line break", "Zm9\n"},
      {"high bit", "Zm9\xc3"},
  }));
  INFO(c.why);
  INFO(c.text);
  CHECK_FALSE(base64_decode(c.text).has_value());
  CHECK_FALSE(is_base64(c.text));
}

TEST_CASE("base64 round trip of every length") {
  SeededRandom random(1);
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    const std::string text = base64_encode(bytes);
    CHECK(base64_decode(text) == bytes);
    CHECK(base64_decoded_size(text) == bytes.size());
    bytes.push_back(static_cast<char>(random.next()));
  }
}

TEST_CASE("the decoded size of a text that is no base64 is never more than the text") {
  const std::string_view text =
      GENERATE(as<std::string_view>(), "=", "==", "a=", "a==", "====", "a===", "abcde");
  INFO(text);
  CHECK(base64_decoded_size(text) <= text.size());
}

}  // namespace
}  // namespace tidemark
