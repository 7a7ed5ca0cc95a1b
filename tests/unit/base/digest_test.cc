#include "base/digest.h"

#include "base/bytes.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

// The check values are those of the standards: RFC 1321, FIPS 180, RFC 2202, RFC 4231, and the catalogue of
// CRC parameters for "123456789".

TEST_CASE("digests of known texts") {
  struct Case {
    DigestAlgorithm algorithm;
    std::string text, hex;
  };
  const auto c = GENERATE(values<Case>({
      {DigestAlgorithm::kMd5, "", "d41d8cd98f00b204e9800998ecf8427e"},
      {DigestAlgorithm::kMd5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
      {DigestAlgorithm::kSha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {DigestAlgorithm::kSha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {DigestAlgorithm::kSha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {DigestAlgorithm::kSha512, "abc",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
  }));
  CHECK(to_hex(digest_of(c.algorithm, c.text)) == c.hex);

  Digest digest(c.algorithm);
  for (const char byte : c.text) digest.update({&byte, 1});
  CHECK(to_hex(digest.finish()) == c.hex);
  digest.update(c.text);
  CHECK(to_hex(digest.finish()) == c.hex);  // started over
}

TEST_CASE("md5_of agrees with digest_of, call after call") {
  for (const std::string text :
       {"", "a", "Outliers", "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx"}) {
    const auto md5 = md5_of(text);
    CHECK(std::string(md5.begin(), md5.end()) == digest_of(DigestAlgorithm::kMd5, text));
  }
}

TEST_CASE("keyed digests") {
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha1("Jefe", "what do ya want for nothing?")) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  const std::string long_key(131, '\xaa');  // longer than a block: hashed first
  CHECK(to_hex(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("comparison in constant time") {
  CHECK(equal_constant_time("", ""));
  CHECK(equal_constant_time("abc", "abc"));
  CHECK_FALSE(equal_constant_time("abc", "abd"));
  CHECK_FALSE(equal_constant_time("abc", "ab"));
}

TEST_CASE("cyclic redundancy checks") {
  CHECK(crc32(0, "123456789") == 0xCBF43926);
  CHECK(crc32c(0, "123456789") == 0xE3069283);
  CHECK(crc64nvme(0, "123456789") == 0xAE8B14860A799888);
  CHECK(crc32(0, "") == 0);
  CHECK(crc32c(0, "") == 0);
  CHECK(crc64nvme(0, "") == 0);
}

TEST_CASE("CRC-64/NVME of every length is what the definition says") {
  std::string bytes;
  std::uint64_t expected = ~std::uint64_t{0};  // before the inversion at the end
  for (std::uint32_t i = 0; i < 400; ++i) {
    REQUIRE(crc64nvme(0, bytes) == ~expected);
    bytes.push_back(static_cast<char>(i * i * 31 + (i >> 3)));
    expected ^= static_cast<unsigned char>(bytes.back());
    for (int bit = 0; bit < 8; ++bit) {
      expected = (expected & 1) != 0 ? expected >> 1 ^ 0x9A6C9329AC4BC9B5 : expected >> 1;
    }
  }
}

TEST_CASE("a check value goes on from the previous one at every split") {
  std::string text;
  for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>(i * 7));
  for (std::size_t split = 0; split <= text.size(); split += 13) {
    const std::string_view head = std::string_view(text).substr(0, split);
    const std::string_view tail = std::string_view(text).substr(split);
    CHECK(crc32(crc32(0, head), tail) == crc32(0, text));
    CHECK(crc32c(crc32c(0, head), tail) == crc32c(0, text));
    CHECK(crc64nvme(crc64nvme(0, head), tail) == crc64nvme(0, text));
  }
}

}  // namespace
}  // namespace tidemark
