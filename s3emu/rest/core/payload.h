// What a request says about its body - framing, lengths, digests - and whether the body keeps it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "s3emu/rest/core/aws_chunked.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// Not thread-safe.
class Payload {
 public:
  // Judges x-amz-content-sha256, Content-MD5, x-amz-checksum-*, x-amz-trailer and the lengths.
  // Errors: InvalidArgument, InvalidDigest, InvalidRequest, NotImplemented, EntityTooLarge.
  static S3Result<Payload> of(const S3Request& request);

  // kNone when the client chose none.
  [[nodiscard]] ChecksumAlgorithm checksum() const { return checksum_; }
  // Whether a Content-MD5 or a checksum came along; a presigner's counts for that, too.
  [[nodiscard]] bool has_digest() const { return has_digest_; }
  // Bytes of it that have come so far, without the framing.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  [[nodiscard]] bool hashes_payload() const { return expected_.payload_sha256.has_value(); }

  // Takes the framing off. In strict mode signed chunks are verified on the way; a wrong one is an error only
  // behind its last byte, so nothing may come of the bytes before finish() succeeded.
  S3Result<void> decode(std::string_view bytes, const AwsChunkedDecoder::Sink& sink);
  // The body is complete: what its bytes must digest to.
  // Errors: IncompleteBody, MalformedTrailerError, InvalidRequest, SignatureDoesNotMatch.
  S3Result<ExpectedDigests> finish();

 private:
  S3Result<void> read_checksum(const S3Request& request);
  S3Result<void> take_checksum(std::string_view header, std::string_view value);
  S3Result<void> read_trailers(const S3Request& request);
  S3Result<void> take_trailers();

  bool chunked_ = false;
  std::optional<std::uint64_t> size_;  // decoded, as announced
  std::uint64_t taken_ = 0;
  AwsChunkedDecoder decoder_;
  std::vector<std::string> announced_trailers_;
  ChecksumAlgorithm checksum_ = ChecksumAlgorithm::kNone;
  bool checksum_in_trailer_ = false;
  bool has_digest_ = false;
  ExpectedDigests expected_;
};

// A whole body in memory against its digests. Errors: BadDigest, XAmzContentSHA256Mismatch.
S3Result<void> verify_digests(std::string_view bytes, ChecksumAlgorithm algorithm,
                              const ExpectedDigests& expected);

}  // namespace tidemark::s3emu
