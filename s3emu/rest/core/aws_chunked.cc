#include "s3emu/rest/core/aws_chunked.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kLineSizeMax = 4096;
constexpr std::size_t kTrailersMax = 16;

auto broken(const char* why) {
  return fail(
      S3Error::of(S3Code::kIncompleteBody, std::string("The request body is not valid aws-chunked: ") + why));
}

constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

// A value in `;name=value;...`; empty when it is not there.
std::string_view extension(std::string_view extensions, std::string_view wanted) {
  while (!extensions.empty()) {
    extensions.remove_prefix(1);  // the semicolon
    const std::string_view one = extensions.substr(0, extensions.find(';'));
    extensions.remove_prefix(one.size());
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos && trimmed(one.substr(0, equals)) == wanted) {
      return trimmed(one.substr(equals + 1));
    }
  }
  return {};
}

}  // namespace

void AwsChunkedDecoder::verify_with(auth::ChunkSignatures signatures, bool signed_trailer) {
  verification_.emplace(Verification{.signatures = std::move(signatures),
                                     .signed_trailer = signed_trailer,
                                     .chunk = Digest(DigestAlgorithm::kSha256),
                                     .chunk_signature = {}});
}

S3Result<void> AwsChunkedDecoder::feed(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::kData: {
        const std::string_view data = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
        if (verification_) verification_->chunk.update(data);
        RETURN_IF_ERROR(sink(data));
        bytes.remove_prefix(data.size());
        left_ -= data.size();
        if (left_ == 0) {
          RETURN_IF_ERROR(verify_chunk());
          state_ = State::kDataEnd;
          left_ = 2;
        }
        break;
      }
      case State::kDataEnd:
        if (bytes.front() != (left_ == 2 ? '\r' : '\n')) return broken("no line end behind a chunk");
        bytes.remove_prefix(1);
        if (--left_ == 0) state_ = State::kSize;
        break;
      case State::kSize:
      case State::kTrailer: {
        const std::size_t end = bytes.find('\n');
        line_.append(bytes.substr(0, end));
        if (line_.size() > kLineSizeMax) return broken("a line is too long");
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        if (end != std::string_view::npos) RETURN_IF_ERROR(take_line());
        break;
      }
      case State::kDone:
        if (bytes.find_first_not_of("\r\n") != std::string_view::npos) return broken("bytes behind the end");
        return {};
    }
  }
  return {};
}

S3Result<void> AwsChunkedDecoder::take_line() {
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  auto taken = state_ == State::kSize ? take_size() : take_trailer();
  line_.clear();
  return taken;
}

S3Result<void> AwsChunkedDecoder::take_size() {
  const std::string_view line = line_;
  const std::size_t semicolon = std::min(line.find(';'), line.size());
  const std::string_view digits = trimmed(line.substr(0, semicolon));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return broken("a chunk size is not a hexadecimal number");
  }
  state_ = left_ == 0 ? State::kTrailer : State::kData;
  if (!verification_) return {};
  verification_->chunk_signature = extension(line.substr(semicolon), "chunk-signature");
  if (verification_->chunk_signature.empty()) return broken("a chunk is not signed");
  return left_ == 0 ? verify_chunk() : S3Result<void>();
}

S3Result<void> AwsChunkedDecoder::verify_chunk() {
  if (!verification_) return {};
  const std::string sha256 = verification_->chunk.finish();
  if (verification_->signatures.take_chunk(sha256, verification_->chunk_signature)) return {};
  return fail(
      S3Error::of(S3Code::kSignatureDoesNotMatch).with("SignatureProvided", verification_->chunk_signature));
}

S3Result<void> AwsChunkedDecoder::verify_trailer() {
  if (!verification_) return {};
  std::string lines;
  std::string_view signature;
  for (const auto& [name, value] : trailers_) {
    if (name == kTrailerSignature) {
      signature = value;
    } else {
      lines.append(name).append(":").append(value).append("\n");
    }
  }
  if (!verification_->signed_trailer) {
    return trailers_.empty() ? S3Result<void>() : fail(S3Error::of(S3Code::kMalformedTrailerError));
  }
  if (signature.empty()) return fail(S3Error::of(S3Code::kMalformedTrailerError));
  if (verification_->signatures.take_trailer(digest_of(DigestAlgorithm::kSha256, lines), signature)) {
    return {};
  }
  return fail(S3Error::of(S3Code::kSignatureDoesNotMatch).with("SignatureProvided", std::string(signature)));
}

S3Result<void> AwsChunkedDecoder::take_trailer() {
  if (line_.empty()) {
    state_ = State::kDone;
    return {};
  }
  const std::size_t colon = line_.find(':');
  if (colon == std::string::npos || colon == 0 || trailers_.size() == kTrailersMax) {
    return fail(S3Error::of(S3Code::kMalformedTrailerError));
  }
  std::string name(trimmed(std::string_view(line_).substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  trailers_.emplace_back(std::move(name), std::string(trimmed(std::string_view(line_).substr(colon + 1))));
  return {};
}

S3Result<void> AwsChunkedDecoder::finish() {
  if (state_ == State::kTrailer) {
    if (!line_.empty()) RETURN_IF_ERROR(take_line());
    state_ = State::kDone;
  }
  if (state_ != State::kDone) return broken("it ends early");
  return verify_trailer();
}

}  // namespace tidemark::s3emu
