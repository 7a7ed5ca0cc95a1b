// The flexible checksums of S3: ten algorithms, for whole objects or composed of part checksums.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/xxhash.h"

namespace tidemark::s3emu {

// ON DISK: the numbers are stored.
enum class ChecksumAlgorithm : std::uint8_t {
  kNone = 0,
  kCrc32 = 1,
  kCrc32c = 2,
  kCrc64Nvme = 3,
  kSha1 = 4,
  kSha256 = 5,
  kSha512 = 6,
  kMd5 = 7,
  kXxhash64 = 8,
  kXxhash3 = 9,
  kXxhash128 = 10,
};
inline constexpr std::array kChecksumAlgorithms = {
    ChecksumAlgorithm::kCrc32,    ChecksumAlgorithm::kCrc32c,   ChecksumAlgorithm::kCrc64Nvme,
    ChecksumAlgorithm::kSha1,     ChecksumAlgorithm::kSha256,   ChecksumAlgorithm::kSha512,
    ChecksumAlgorithm::kMd5,      ChecksumAlgorithm::kXxhash64, ChecksumAlgorithm::kXxhash3,
    ChecksumAlgorithm::kXxhash128};
inline constexpr auto kChecksumAlgorithmLast = ChecksumAlgorithm::kXxhash128;

// ON DISK: the numbers are stored.
enum class ChecksumType : std::uint8_t {
  kFullObject = 0,  // over all bytes
  kComposite = 1,   // over the part checksums
};

struct Checksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::kNone;
  ChecksumType type = ChecksumType::kFullObject;
  std::string value;              // raw digest, big endian
  std::uint32_t parts_count = 0;  // of a composite one

  // Base64, and `-N` behind a composite one.
  [[nodiscard]] std::string text() const;
};

std::string_view algorithm_name(ChecksumAlgorithm algorithm);  // `CRC64NVME`
// All names, as messages list them: `[CRC32, CRC32C, ...]`.
std::string algorithm_names();
std::string_view checksum_header(ChecksumAlgorithm algorithm);   // `x-amz-checksum-crc64nvme`
std::string_view checksum_element(ChecksumAlgorithm algorithm);  // `ChecksumCRC64NVME`
std::string_view type_name(ChecksumType type);                   // `FULL_OBJECT`
// Without case, as the header x-amz-sdk-checksum-algorithm carries it.
std::optional<ChecksumAlgorithm> parse_algorithm(std::string_view name);
std::optional<ChecksumType> parse_type(std::string_view name);
std::size_t digest_size(ChecksumAlgorithm algorithm);
// Raw digest of a base64 text of the algorithm's length; nothing if it is not that.
std::optional<std::string> parse_checksum_value(ChecksumAlgorithm algorithm, std::string_view text);
// How the checksums of parts become one: CRC64NVME cannot be composed, and only CRCs can be full.
bool allows(ChecksumAlgorithm algorithm, ChecksumType type);
ChecksumType default_type(ChecksumAlgorithm algorithm);

// A checksum fed piece by piece. Not thread-safe.
class ChecksumState {
 public:
  explicit ChecksumState(ChecksumAlgorithm algorithm);
  void update(std::string_view bytes);
  // The raw digest; the state is then used up.
  std::string finish();

 private:
  ChecksumAlgorithm algorithm_;
  std::uint64_t crc_ = 0;
  std::optional<Digest> digest_;
  std::optional<XxHash> xxhash_;
};

// The CRC of two pieces put together, from the CRC of each and the length of the second.
std::string combine_crc(ChecksumAlgorithm algorithm, std::string_view first, std::string_view second,
                        std::uint64_t second_size);

}  // namespace tidemark::s3emu
