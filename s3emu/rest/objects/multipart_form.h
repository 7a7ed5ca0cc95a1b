// Takes a multipart/form-data body apart as it comes in, wherever its pieces end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "s3emu/s3_error.h"

namespace tidemark::s3emu {

// What stands before the bytes of one part.
struct FormPart {
  std::string name;
  std::optional<std::string> filename;  // as sent: may hold a path of the sender's machine
};

// Keeps at most one boundary and one block of part headers: bytes go on to the sink at once. Not thread-safe.
class MultipartForm {
 public:
  static constexpr std::size_t kPartHeadersMax = 8 << 10;
  static constexpr std::size_t kPartsMax = 1000;
  static constexpr std::size_t kPreambleMax = 16 << 10;  // before the first boundary

  // Learns of each part in turn: begin, any number of bytes, end. Its errors end the parsing.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual S3Result<void> begin_part(FormPart part) = 0;
    virtual S3Result<void> part_bytes(std::string_view bytes) = 0;
    virtual S3Result<void> end_part() = 0;
  };

  // From the request's Content-Type. Errors: PreconditionFailed if it is no multipart/form-data,
  // MalformedPOSTRequest without a usable boundary.
  static S3Result<MultipartForm> of(std::string_view content_type);

  // Errors: MalformedPOSTRequest, those of the sink.
  S3Result<void> feed(std::string_view bytes, Sink* sink);
  // The body is complete. Errors: MalformedPOSTRequest if its last boundary has not come.
  [[nodiscard]] S3Result<void> finish() const;

 private:
  enum class State { kPreamble, kBoundaryTail, kHeaders, kBytes, kEpilogue };
  enum class Step { kMore, kWait };  // kWait: nothing more to do before further bytes come

  explicit MultipartForm(std::string_view boundary);
  S3Result<Step> step(Sink* sink);
  // Up to the next boundary; what cannot belong to it goes to the sink, unless that is null.
  S3Result<Step> take_bytes(Sink* sink);
  S3Result<void> count_preamble(std::size_t size);
  S3Result<Step> take_boundary_tail(Sink* sink);
  S3Result<Step> take_headers(Sink* sink);
  // What is not dealt with yet.
  [[nodiscard]] std::string_view rest() const { return std::string_view(held_).substr(done_); }

  std::string delimiter_;      // line break, two dashes, boundary
  std::string held_ = "\r\n";  // the first boundary may lack its line break
  std::size_t done_ = 0;       // of held_; between calls of feed() nothing
  std::size_t preamble_ = 0;   // bytes of it so far
  State state_ = State::kPreamble;
  bool inside_part_ = false;  // the boundary under examination ends a part
  std::size_t parts_ = 0;
};

}  // namespace tidemark::s3emu
