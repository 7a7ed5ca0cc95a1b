// The aws-chunked framing inside a request body.
//
//   body    := chunk* last trailer* CRLF
//   chunk   := hex-size extensions CRLF bytes CRLF
//   last    := "0" extensions CRLF                      extensions: `;chunk-signature=<hex>`, others ignored
//   trailer := name ":" value CRLF
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "s3emu/object_store.h"

namespace tidemark::s3emu {

// Incremental: pieces may be split anywhere. Not thread-safe.
class AwsChunkedDecoder {
 public:
  using Sink = std::function<S3Result<void>(std::string_view)>;

  // Hands the decoded bytes to `sink`. Errors: IncompleteBody (broken framing), MalformedTrailerError, the
  // sink's.
  S3Result<void> feed(std::string_view bytes, const Sink& sink);
  // The body is complete. A missing blank line at the end is forgiven. Errors: IncompleteBody.
  S3Result<void> finish();
  [[nodiscard]] const NamedValues& trailers() const { return trailers_; }  // names in lower case

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };

  S3Result<void> take_line();
  S3Result<void> take_size();
  S3Result<void> take_trailer();

  State state_ = State::kSize;
  std::string line_;
  std::uint64_t left_ = 0;  // of the chunk; of the line end behind it
  NamedValues trailers_;
};

}  // namespace tidemark::s3emu
