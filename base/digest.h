// Message digests (OpenSSL) and cyclic redundancy checks (ISA-L where it has them).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tidemark {

enum class DigestAlgorithm { kMd5, kSha1, kSha256, kSha512 };

// A digest fed piece by piece. Not thread-safe.
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::string_view bytes);
  // The raw digest bytes of everything fed so far; the object then starts over.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Raw digest bytes of one buffer.
std::string digest_of(DigestAlgorithm algorithm, std::string_view bytes);
std::array<unsigned char, 16> md5_of(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
std::string hmac_sha1(std::string_view key, std::string_view bytes);
// True when both are equal; takes the same time wherever they differ.
bool equal_constant_time(std::string_view a, std::string_view b);

// CRC-32 as zlib and gzip compute it; pass the previous value to go on, 0 to begin.
std::uint32_t crc32(std::uint32_t previous, std::string_view bytes);
// CRC-32C (Castagnoli), same convention.
std::uint32_t crc32c(std::uint32_t previous, std::string_view bytes);
// CRC-64/NVME, same convention.
std::uint64_t crc64nvme(std::uint64_t previous, std::string_view bytes);

}  // namespace tidemark
