#include "s3emu/rest/core/payload.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/text.h"
#include "s3emu/store/checks.h"

namespace tidemark::s3emu {
namespace {

auto invalid(std::string message) { return fail(S3Error::of(S3Code::kInvalidRequest, std::move(message))); }

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item.empty()) continue;
    std::string lower(item);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    out.push_back(std::move(lower));
  }
  return out;
}

std::optional<ChecksumAlgorithm> algorithm_of_header(std::string_view name) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    if (checksum_header(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

S3Result<std::string> checksum_value(ChecksumAlgorithm algorithm, std::string_view text) {
  auto raw = parse_checksum_value(algorithm, text);
  if (!raw) return invalid("Value for " + std::string(checksum_header(algorithm)) + " header is invalid.");
  return std::move(*raw);
}

struct PayloadKind {
  bool chunked = false;
  bool signed_chunks = false;
  bool signed_trailer = false;
  std::optional<std::string> sha256 = {};
};

S3Result<PayloadKind> kind_of(std::string_view value) {
  if (value.empty() || value == "UNSIGNED-PAYLOAD") return PayloadKind{};
  if (value == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadKind{.chunked = true};
  if (value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    return PayloadKind{.chunked = true, .signed_chunks = true};
  }
  if (value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    return PayloadKind{.chunked = true, .signed_chunks = true, .signed_trailer = true};
  }
  if (value.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")) {
    return fail(S3Error::of(S3Code::kNotImplemented, "Payloads signed with ECDSA are not supported."));
  }
  auto raw = from_hex(value);
  if (!raw || raw->size() != 32) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a "
                    "valid sha256 value.")
            .with("ArgumentName", "x-amz-content-sha256")
            .with("ArgumentValue", std::string(value)));
  }
  return PayloadKind{.sha256 = std::move(*raw)};
}

S3Result<std::optional<std::uint64_t>> decoded_length(const S3Request& request) {
  const auto text = request.header("x-amz-decoded-content-length");
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    return fail(S3Error::of(S3Code::kInvalidArgument, "x-amz-decoded-content-length is not a length."));
  }
  return value;
}

// What a presigner has put into the query of a checksum is not verified, but it is there.
bool signs_checksum(const S3Request& request) {
  return request.presigned &&
         std::any_of(request.query.begin(), request.query.end(), [](const auto& parameter) {
           return algorithm_of_header(lower_case(parameter.first)).has_value();
         });
}

}  // namespace

S3Result<Payload> Payload::of(const S3Request& request) {
  Payload payload;
  ASSIGN_OR_RETURN(PayloadKind kind, kind_of(request.header("x-amz-content-sha256").value_or("")));
  payload.chunked_ = kind.chunked;
  if (kind.signed_chunks && request.chunk_signatures) {
    payload.decoder_.verify_with(*request.chunk_signatures, kind.signed_trailer);
  }
  payload.expected_.payload_sha256 = std::move(kind.sha256);
  payload.size_ = request.head.content_length;
  if (payload.chunked_) {
    ASSIGN_OR_RETURN(payload.size_, decoded_length(request));
  } else if (!request.head.chunked && !payload.size_) {
    payload.size_ = 0;
  }
  if (payload.size_.value_or(0) > kPutSizeMax) {
    return fail(S3Error::of(S3Code::kEntityTooLarge)
                    .with("ProposedSize", std::to_string(*payload.size_))
                    .with("MaxSizeAllowed", std::to_string(kPutSizeMax)));
  }
  if (const auto md5 = request.header("Content-MD5")) {
    payload.expected_.md5 = base64_decode(*md5);
    if (!payload.expected_.md5 || payload.expected_.md5->size() != 16) {
      return fail(S3Error::of(S3Code::kInvalidDigest).with("Content-MD5", std::string(*md5)));
    }
  }
  RETURN_IF_ERROR(payload.read_checksum(request));
  RETURN_IF_ERROR(payload.read_trailers(request));
  if (const auto announced = request.header("x-amz-sdk-checksum-algorithm")) {
    const auto algorithm = parse_algorithm(*announced);
    if (!algorithm) return invalid("Value for x-amz-sdk-checksum-algorithm header is invalid.");
    if (payload.checksum_ != *algorithm) {
      return invalid(
          "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
          "x-amz-trailer headers were found.");
    }
  }
  payload.has_digest_ =
      payload.expected_.md5 || payload.checksum_ != ChecksumAlgorithm::kNone || signs_checksum(request);
  return payload;
}

S3Result<void> Payload::read_checksum(const S3Request& request) {
  // There they are the object's, not the list of parts'.
  const bool completes_upload = request.head.method == "POST" && request.has_param("uploadId");
  if (completes_upload) return {};
  for (const auto& [name, value] : request.head.headers.fields()) RETURN_IF_ERROR(take_checksum(name, value));
  return {};
}

S3Result<void> Payload::take_checksum(std::string_view header, std::string_view value) {
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  if (!http::equal_ignoring_case(header.substr(0, kPrefix.size()), kPrefix)) return {};
  const std::string_view kind = header.substr(kPrefix.size());
  for (const char* other : {"algorithm", "mode", "type"}) {
    if (http::equal_ignoring_case(kind, other)) return {};
  }
  const auto algorithm = parse_algorithm(kind);
  if (!algorithm) return invalid("The algorithm type you specified in x-amz-checksum- header is invalid.");
  if (checksum_ != ChecksumAlgorithm::kNone) {
    return invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  checksum_ = *algorithm;
  ASSIGN_OR_RETURN(expected_.checksum, checksum_value(*algorithm, value));
  return {};
}

S3Result<void> Payload::read_trailers(const S3Request& request) {
  const auto text = request.header("x-amz-trailer");
  if (!text || !chunked_) return {};
  announced_trailers_ = split_list(*text);
  for (const std::string& name : announced_trailers_) {
    const auto algorithm = algorithm_of_header(name);
    if (!algorithm) return invalid("The value specified in the x-amz-trailer header is not supported");
    if (checksum_ != ChecksumAlgorithm::kNone) {
      return invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    checksum_ = *algorithm;
    checksum_in_trailer_ = true;
  }
  return {};
}

S3Result<void> Payload::decode(std::string_view bytes, const AwsChunkedDecoder::Sink& sink) {
  const auto count = [&](std::string_view decoded) -> S3Result<void> {
    taken_ += decoded.size();
    if (size_ && taken_ > *size_) {
      return fail(S3Error::of(S3Code::kIncompleteBody, "The request body is longer than announced."));
    }
    return sink(decoded);
  };
  return chunked_ ? decoder_.feed(bytes, count) : count(bytes);
}

S3Result<void> Payload::take_trailers() {
  RETURN_IF_ERROR(decoder_.finish());
  std::size_t found = 0;
  for (const auto& [name, value] : decoder_.trailers()) {
    if (name == "x-amz-trailer-signature") continue;
    const auto algorithm = algorithm_of_header(name);
    if (std::find(announced_trailers_.begin(), announced_trailers_.end(), name) ==
            announced_trailers_.end() ||
        !algorithm) {
      return fail(S3Error::of(S3Code::kMalformedTrailerError));
    }
    ++found;
    ASSIGN_OR_RETURN(expected_.checksum, checksum_value(*algorithm, value));
  }
  if (found != announced_trailers_.size()) return fail(S3Error::of(S3Code::kMalformedTrailerError));
  return {};
}

S3Result<ExpectedDigests> Payload::finish() {
  if (chunked_) RETURN_IF_ERROR(take_trailers());
  if (size_ && taken_ != *size_) {
    return fail(S3Error::of(S3Code::kIncompleteBody)
                    .with("NumberBytesExpected", std::to_string(*size_))
                    .with("NumberBytesProvided", std::to_string(taken_)));
  }
  return expected_;
}

S3Result<void> verify_digests(std::string_view bytes, ChecksumAlgorithm algorithm,
                              const ExpectedDigests& expected) {
  if (expected.md5 && *expected.md5 != digest_of(DigestAlgorithm::kMd5, bytes)) {
    return fail(md5_mismatch());
  }
  if (expected.payload_sha256 && *expected.payload_sha256 != digest_of(DigestAlgorithm::kSha256, bytes)) {
    return fail(S3Error::of(S3Code::kXAmzContentSha256Mismatch));
  }
  if (expected.checksum) {
    ChecksumState state(algorithm);
    state.update(bytes);
    if (*expected.checksum != state.finish()) return fail(checksum_mismatch(algorithm));
  }
  return {};
}

}  // namespace tidemark::s3emu
