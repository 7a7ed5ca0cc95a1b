#include "s3emu/store/checks.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace tidemark::s3emu {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_ipv4(std::string_view name) {
  int groups = 1;
  for (const char c : name) {
    if (c == '.') {
      ++groups;
    } else if (c < '0' || c > '9') {
      return false;
    }
  }
  return groups == 4;
}

// Whether the key, read as a path from left to right, leaves the bucket anywhere.
bool climbs_out(std::string_view key) {
  int depth = 0;
  while (!key.empty()) {
    const std::string_view segment = key.substr(0, key.find('/'));
    key.remove_prefix(std::min(key.size(), segment.size() + 1));
    if (segment == "..") {
      if (--depth < 0) return true;
    } else if (!segment.empty() && segment != ".") {
      ++depth;
    }
  }
  return false;
}

}  // namespace

S3Result<void> check_bucket_name(std::string_view name) {
  constexpr std::array<std::string_view, 2> kPrefixes = {"xn--", "sthree-"};
  constexpr std::array<std::string_view, 4> kSuffixes = {"-s3alias", "--ol-s3", "--x-s3", ".mrap"};
  const bool valid =
      name.size() >= 3 && name.size() <= 63 && is_lower_or_digit(name.front()) &&
      is_lower_or_digit(name.back()) &&
      std::all_of(name.begin(), name.end(),
                  [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; }) &&
      name.find("..") == std::string_view::npos && !looks_like_ipv4(name) &&
      std::none_of(kPrefixes.begin(), kPrefixes.end(),
                   [&](auto prefix) { return name.starts_with(prefix); }) &&
      std::none_of(kSuffixes.begin(), kSuffixes.end(), [&](auto suffix) { return name.ends_with(suffix); });
  if (valid) return {};
  return fail(S3Error::of(S3Code::kInvalidBucketName).with("BucketName", std::string(name)));
}

S3Result<void> check_key(std::string_view key) {
  if (key.empty()) return fail(S3Error::of(S3Code::kInvalidArgument, "A key must not be empty."));
  if (key.size() > kKeySizeMax) {
    return fail(S3Error::of(S3Code::kKeyTooLongError)
                    .with("Size", std::to_string(key.size()))
                    .with("MaxSizeAllowed", std::to_string(kKeySizeMax)));
  }
  if (key.find('\0') != std::string_view::npos) {
    return fail(S3Error::of(S3Code::kInvalidArgument, "A key must not contain a zero byte."));
  }
  if (!is_utf8(key)) return fail(S3Error::of(S3Code::kInvalidUri, "The key is not valid UTF-8."));
  if (key.find("..") != std::string_view::npos && climbs_out(key)) {
    return fail(S3Error::of(S3Code::kInvalidUri, "The key climbs above its bucket."));
  }
  return {};
}

S3Error bad_part_number() {
  return S3Error::of(S3Code::kInvalidArgument,
                     "Part number must be an integer between 1 and 10000, inclusive")
      .with("ArgumentName", "partNumber");
}

S3Result<ChecksumAlgorithm> check_algorithm(std::string_view name) {
  if (const auto algorithm = parse_algorithm(name)) return *algorithm;
  return fail(S3Error::of(
      S3Code::kInvalidRequest,
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: " +
          algorithm_names()));
}

S3Error other_algorithm(ChecksumAlgorithm of_upload, ChecksumAlgorithm sent) {
  return S3Error::of(S3Code::kInvalidRequest,
                     "Checksum Type mismatch occurred, expected checksum Type: " +
                         std::string(algorithm_name(of_upload)) + ", actual checksum Type: " +
                         (sent == ChecksumAlgorithm::kNone ? "null" : std::string(algorithm_name(sent))));
}

S3Error md5_mismatch() {
  return S3Error::of(S3Code::kBadDigest, "The Content-MD5 you specified did not match what we received.");
}

S3Error checksum_mismatch(ChecksumAlgorithm algorithm) {
  return S3Error::of(S3Code::kBadDigest, "The " + std::string(algorithm_name(algorithm)) +
                                             " you specified did not match the calculated checksum.");
}

S3Error no_object_lock() {
  return S3Error::of(S3Code::kInvalidRequest, "Bucket is missing Object Lock Configuration");
}

S3Result<void> check_lock(const BucketInfo& bucket, const ObjectLock& lock) {
  if (bucket.object_lock || lock == ObjectLock{}) return {};
  return fail(no_object_lock());
}

S3Error protected_by_lock() {
  return S3Error::of(S3Code::kAccessDenied, "Access Denied because object protected by object lock.");
}

bool etag_matches(std::string_view wanted, std::string_view etag) { return wanted == "*" || wanted == etag; }

}  // namespace tidemark::s3emu
