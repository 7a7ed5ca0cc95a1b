// The aws-chunked framing inside a request body.
//
//   body    := chunk* last trailer* CRLF
//   chunk   := hex-size extensions CRLF bytes CRLF
//   last    := "0" extensions CRLF                      extensions: `;chunk-signature=<hex>`, others ignored
//   trailer := name ":" value CRLF                      x-amz-trailer-signature signs the others
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/auth/sigv4.h"
#include "base/digest.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

// Incremental: pieces may be split anywhere, and no chunk is kept in memory. Not thread-safe.
class AwsChunkedDecoder {
 public:
  using Sink = std::function<S3Result<void>(std::string_view)>;

  // From now on chunks must be signed, with `signed_trailer` the trailer too; without it there must be none.
  // Call before the first feed().
  void verify_with(auth::ChunkSignatures signatures, bool signed_trailer);

  // Hands the decoded bytes to `sink`: before the signature of their chunk is known to be right, so nothing
  // may come of them until finish() succeeded. Errors: IncompleteBody (broken framing),
  // MalformedTrailerError, SignatureDoesNotMatch, the sink's.
  S3Result<void> feed(std::string_view bytes, const Sink& sink);
  // The body is complete. A missing blank line at the end is forgiven.
  // Errors: IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch.
  S3Result<void> finish();
  [[nodiscard]] const NamedValues& trailers() const { return trailers_; }  // names in lower case

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };

  S3Result<void> take_line();
  S3Result<void> take_size();
  S3Result<void> take_trailer();
  S3Result<void> verify_chunk();
  [[nodiscard]] S3Result<void> verify_trailer();

  // What verify_with() asks for.
  struct Verification {
    auth::ChunkSignatures signatures;
    bool signed_trailer;
    Digest chunk{DigestAlgorithm::kSha256};  // of the bytes since the last size
    std::string chunk_signature;             // that of the chunk now coming
  };

  State state_ = State::kSize;
  std::string line_;
  std::uint64_t left_ = 0;  // of the chunk; of the line end behind it
  NamedValues trailers_;
  std::optional<Verification> verification_;
};

}  // namespace tidemark::s3emu
