#include "s3emu/store/checksum.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "base/check.h"
#include "base/http_message.h"

namespace tidemark::s3emu {
namespace {

struct Row {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::string_view element;
  std::size_t size;
  bool full;
  bool composite;
};

constexpr Row kRows[] = {
    {ChecksumAlgorithm::kCrc32, "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4, true, true},
    {ChecksumAlgorithm::kCrc32c, "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4, true, true},
    {ChecksumAlgorithm::kCrc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8, true,
     false},
    {ChecksumAlgorithm::kSha1, "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20, false, true},
    {ChecksumAlgorithm::kSha256, "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32, false, true},
    {ChecksumAlgorithm::kSha512, "SHA512", "x-amz-checksum-sha512", "ChecksumSHA512", 64, false, true},
    {ChecksumAlgorithm::kMd5, "MD5", "x-amz-checksum-md5", "ChecksumMD5", 16, false, true},
    {ChecksumAlgorithm::kXxhash64, "XXHASH64", "x-amz-checksum-xxhash64", "ChecksumXXHASH64", 8, false, true},
    {ChecksumAlgorithm::kXxhash3, "XXHASH3", "x-amz-checksum-xxhash3", "ChecksumXXHASH3", 8, false, true},
    {ChecksumAlgorithm::kXxhash128, "XXHASH128", "x-amz-checksum-xxhash128", "ChecksumXXHASH128", 16, false,
     true},
};

const Row& row_of(ChecksumAlgorithm algorithm) {
  const auto* const found = std::find_if(std::begin(kRows), std::end(kRows),
                                         [&](const Row& row) { return row.algorithm == algorithm; });
  INVARIANT(found != std::end(kRows));
  return *found;
}

// A reflected CRC of up to 64 bits as a polynomial over GF(2); the highest bit is the constant term.
struct CrcField {
  std::uint64_t polynomial;  // reflected
  int width;

  [[nodiscard]] std::uint64_t one() const { return 1ULL << (width - 1); }
  [[nodiscard]] std::uint64_t times_x(std::uint64_t a) const {
    return (a & 1) != 0 ? (a >> 1) ^ polynomial : a >> 1;
  }
  [[nodiscard]] std::uint64_t multiply(std::uint64_t a, std::uint64_t b) const {
    std::uint64_t product = 0;
    for (int bit = width - 1; bit >= 0; --bit) {
      if (((a >> bit) & 1) != 0) product ^= b;
      b = times_x(b);
    }
    return product;
  }
  // x to the power of 8 * bytes.
  [[nodiscard]] std::uint64_t power_of_bytes(std::uint64_t bytes) const {
    std::uint64_t result = one();
    std::uint64_t base = one();
    for (int i = 0; i < 8; ++i) base = times_x(base);
    for (; bytes != 0; bytes >>= 1) {
      if ((bytes & 1) != 0) result = multiply(result, base);
      base = multiply(base, base);
    }
    return result;
  }
};

CrcField field_of(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32:
      return {0xEDB88320ULL, 32};
    case ChecksumAlgorithm::kCrc32c:
      return {0x82F63B78ULL, 32};
    default:
      INVARIANT(algorithm == ChecksumAlgorithm::kCrc64Nvme);
      return {0x9A6C9329AC4BC9B5ULL, 64};
  }
}

std::string crc_bytes(ChecksumAlgorithm algorithm, std::uint64_t crc) {
  std::string out;
  if (algorithm == ChecksumAlgorithm::kCrc64Nvme) {
    append_u64_be(&out, crc);
  } else {
    append_u32_be(&out, static_cast<std::uint32_t>(crc));
  }
  return out;
}

std::uint64_t crc_value(std::string_view bytes) {
  return bytes.size() == 8 ? read_u64_be(bytes.data()) : read_u32_be(bytes.data());
}

}  // namespace

std::string Checksum::text() const {
  std::string out = base64_encode(value);
  if (type == ChecksumType::kComposite) out.append("-").append(std::to_string(parts_count));
  return out;
}

std::string_view algorithm_name(ChecksumAlgorithm algorithm) { return row_of(algorithm).name; }

std::string algorithm_names() {
  std::string out;
  for (const Row& row : kRows) out.append(out.empty() ? "[" : ", ").append(row.name);
  return out + "]";
}

std::string_view checksum_header(ChecksumAlgorithm algorithm) { return row_of(algorithm).header; }
std::string_view checksum_element(ChecksumAlgorithm algorithm) { return row_of(algorithm).element; }
std::size_t digest_size(ChecksumAlgorithm algorithm) { return row_of(algorithm).size; }

std::string_view type_name(ChecksumType type) {
  return type == ChecksumType::kComposite ? "COMPOSITE" : "FULL_OBJECT";
}

std::optional<ChecksumAlgorithm> parse_algorithm(std::string_view name) {
  for (const Row& row : kRows) {
    if (http::equal_ignoring_case(row.name, name)) return row.algorithm;
  }
  return std::nullopt;
}

std::optional<ChecksumType> parse_type(std::string_view name) {
  if (name == "COMPOSITE") return ChecksumType::kComposite;
  if (name == "FULL_OBJECT") return ChecksumType::kFullObject;
  return std::nullopt;
}

std::optional<std::string> parse_checksum_value(ChecksumAlgorithm algorithm, std::string_view text) {
  auto raw = base64_decode(text);
  if (!raw || raw->size() != digest_size(algorithm)) return std::nullopt;
  return raw;
}

bool allows(ChecksumAlgorithm algorithm, ChecksumType type) {
  const Row& row = row_of(algorithm);
  return type == ChecksumType::kComposite ? row.composite : row.full;
}

ChecksumType default_type(ChecksumAlgorithm algorithm) {
  return row_of(algorithm).composite ? ChecksumType::kComposite : ChecksumType::kFullObject;
}

ChecksumState::ChecksumState(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kSha1:
      digest_.emplace(DigestAlgorithm::kSha1);
      return;
    case ChecksumAlgorithm::kSha256:
      digest_.emplace(DigestAlgorithm::kSha256);
      return;
    case ChecksumAlgorithm::kSha512:
      digest_.emplace(DigestAlgorithm::kSha512);
      return;
    case ChecksumAlgorithm::kMd5:
      digest_.emplace(DigestAlgorithm::kMd5);
      return;
    case ChecksumAlgorithm::kXxhash64:
      xxhash_.emplace(XxHashAlgorithm::kXxh64);
      return;
    case ChecksumAlgorithm::kXxhash3:
      xxhash_.emplace(XxHashAlgorithm::kXxh3);
      return;
    case ChecksumAlgorithm::kXxhash128:
      xxhash_.emplace(XxHashAlgorithm::kXxh128);
      return;
    default:
      return;
  }
}

void ChecksumState::update(std::string_view bytes) {
  switch (algorithm_) {
    case ChecksumAlgorithm::kCrc32:
      crc_ = crc32(static_cast<std::uint32_t>(crc_), bytes);
      return;
    case ChecksumAlgorithm::kCrc32c:
      crc_ = crc32c(static_cast<std::uint32_t>(crc_), bytes);
      return;
    case ChecksumAlgorithm::kCrc64Nvme:
      crc_ = crc64nvme(crc_, bytes);
      return;
    default:
      if (digest_) digest_->update(bytes);
      if (xxhash_) xxhash_->update(bytes);
      return;
  }
}

std::string ChecksumState::finish() {
  if (algorithm_ == ChecksumAlgorithm::kNone) return {};
  if (digest_) return digest_->finish();
  return xxhash_ ? xxhash_->finish() : crc_bytes(algorithm_, crc_);
}

std::string combine_crc(ChecksumAlgorithm algorithm, std::string_view first, std::string_view second,
                        std::uint64_t second_size) {
  // crc(AB) = crc(A) * x^(8 |B|) + crc(B): the inversions at both ends cancel out.
  const CrcField field = field_of(algorithm);
  const std::uint64_t shifted = field.multiply(crc_value(first), field.power_of_bytes(second_size));
  return crc_bytes(algorithm, shifted ^ crc_value(second));
}

}  // namespace tidemark::s3emu
