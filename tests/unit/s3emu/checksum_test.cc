#include "s3emu/store/checksum.h"

#include "base/bytes.h"
#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

std::string of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  ChecksumState state(algorithm);
  state.update(bytes.substr(0, bytes.size() / 2));
  state.update(bytes.substr(bytes.size() / 2));
  return state.finish();
}

}  // namespace

TEST_CASE("checksum vectors") {
  struct Case {
    ChecksumAlgorithm algorithm;
    const char* bytes;
    const char* base64;
  };
  const auto c = GENERATE(values<Case>({
      {ChecksumAlgorithm::kCrc32, "123456789", "y/Q5Jg=="},
      {ChecksumAlgorithm::kCrc32c, "123456789", "4waSgw=="},
      {ChecksumAlgorithm::kCrc64Nvme, "123456789", "rosUhgp5mIg="},
      {ChecksumAlgorithm::kCrc32, "hello", "NhCmhg=="},
      {ChecksumAlgorithm::kCrc32c, "hello", "mnG7TA=="},
      {ChecksumAlgorithm::kCrc64Nvme, "hello", "M3eFcAZSQlc="},
      {ChecksumAlgorithm::kCrc32, "", "AAAAAA=="},
      {ChecksumAlgorithm::kCrc64Nvme, "", "AAAAAAAAAAA="},
      {ChecksumAlgorithm::kCrc32, "helloworld", "+esgrQ=="},
      {ChecksumAlgorithm::kSha1, "", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
      {ChecksumAlgorithm::kSha256, "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
      {ChecksumAlgorithm::kSha512, "",
       "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
      {ChecksumAlgorithm::kMd5, "", "1B2M2Y8AsgTpgAmY7PhCfg=="},
      {ChecksumAlgorithm::kMd5, "hello", "XUFAKrxLKna5cZ2REBfFkg=="},
      // Canonical digests: ef46db3751d8e999, 2d06800538d394c2, 99aa06d3014798d86001c324468d497f.
      {ChecksumAlgorithm::kXxhash64, "", "70bbN1HY6Zk="},
      {ChecksumAlgorithm::kXxhash64, "123456789", "jLhB20DmroM="},
      {ChecksumAlgorithm::kXxhash3, "", "LQaABTjTlMI="},
      {ChecksumAlgorithm::kXxhash128, "", "maoG0wFHmNhgAcMkRo1Jfw=="},
  }));
  INFO(algorithm_name(c.algorithm) << " of " << c.bytes);
  CHECK(base64_encode(of(c.algorithm, c.bytes)) == c.base64);
  CHECK(parse_checksum_value(c.algorithm, c.base64) == of(c.algorithm, c.bytes));
}

TEST_CASE("composite vectors") {
  for (const auto& [algorithm, text] :
       {std::pair{ChecksumAlgorithm::kCrc32, "wpn7tg==-2"},
        std::pair{ChecksumAlgorithm::kSha256, "cwXbmyq8zXBsJW2z2X5f9I1nfP5NOlkEr7faDjlQ4eI=-2"}}) {
    const std::string parts = of(algorithm, "hello") + of(algorithm, "world");
    CHECK(Checksum{algorithm, ChecksumType::kComposite, of(algorithm, parts), 2}.text() == text);
  }
}

TEST_CASE("a combined CRC is that of the whole") {
  const auto algorithm =
      GENERATE(ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme);
  const std::string a = "hello";
  for (const std::string& b : {std::string(), std::string("world"), std::string(100'003, 'b')}) {
    CHECK(combine_crc(algorithm, of(algorithm, a), of(algorithm, b), b.size()) == of(algorithm, a + b));
    CHECK(combine_crc(algorithm, of(algorithm, ""), of(algorithm, b), b.size()) == of(algorithm, b));
  }
}

TEST_CASE("names, types and values are checked") {
  CHECK(parse_algorithm("crc64nvme") == ChecksumAlgorithm::kCrc64Nvme);
  CHECK(!parse_algorithm("MD4"));
  CHECK(algorithm_names() ==
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]");
  CHECK(!parse_checksum_value(ChecksumAlgorithm::kCrc32, "AAAAAAAAAAA="));
  CHECK(!parse_checksum_value(ChecksumAlgorithm::kCrc32, "AAAAAA="));
  CHECK(!allows(ChecksumAlgorithm::kSha1, ChecksumType::kFullObject));
  CHECK(!allows(ChecksumAlgorithm::kCrc64Nvme, ChecksumType::kComposite));
  CHECK(allows(ChecksumAlgorithm::kCrc32c, ChecksumType::kFullObject));
}

}  // namespace tidemark::s3emu
