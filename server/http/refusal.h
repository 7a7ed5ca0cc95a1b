// What the server answers of its own accord: to what is no request, and where no service can answer one.
#pragma once

#include <functional>
#include <string_view>

#include "base/http_message.h"
#include "base/request_note.h"

namespace tidemark::server {

struct Refusal {
  int status = 0;
  std::string_view s3_code;  // of the document, where S3 was asked
  std::string_view text;
};

inline constexpr Refusal kNotHttp = {400, "BadRequest", "The request is not valid HTTP."};
inline constexpr Refusal kHeadTooLarge = {
    400, "RequestHeaderSectionTooLarge",
    "Your request header and query parameters exceed the maximum allowed size."};
inline constexpr Refusal kBadBody = {400, "BadRequest", "The chunks of the body are not valid HTTP."};
inline constexpr Refusal kUseTls = {400, "BadRequest", "This port speaks HTTPS."};
inline constexpr Refusal kUnknownExpectation = {417, "ExpectationFailed",
                                                "Nothing but 100-continue can be expected."};
inline constexpr Refusal kUnknownCoding = {501, "NotImplemented",
                                           "No transfer coding but chunked is understood."};
inline constexpr Refusal kInternalError = {500, "InternalError", "Internal server error"};
inline constexpr Refusal kBusy = {503, "SlowDown", "Too much is coming in at once. Please try again later."};
inline constexpr Refusal kSlowReaders = {
    503, "SlowDown", "Too many long answers wait for their readers. Please try again later."};

// What is known of a request that is refused.
struct RefusedRequest {
  std::string_view method = {};  // empty when nothing can be read of it
  std::string_view target = {};  // as sent; perhaps its beginning only
  bool has_origin = false;       // a page asks, as far as can be read
  // What could be read of the head; nullptr: the service has it, and has let it in.
  const http::RequestHead* head = nullptr;
  // Its service is set if one was asked; whoever words the answer sets the id.
  http::RequestNote& note;
};

// Words a refusal as the service would for which the request is. Must be callable concurrently.
using RefusalWording = std::function<http::Response(const Refusal& refusal, const RefusedRequest& request)>;

// As a line of plain text.
http::Response plain_refusal(const Refusal& refusal);

}  // namespace tidemark::server
