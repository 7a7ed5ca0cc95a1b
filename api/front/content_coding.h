// Compressed bodies: Content-Encoding of requests, Accept-Encoding of answers (RFC 9110, 8.4 and 12.5.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/core/compression.h"
#include "base/http_message.h"
#include "base/result.h"

namespace tidemark::api {

// The Content-Encoding of a request, `gzip, deflate` in the order in which they were applied; several fields
// are one list. Empty when the body is sent as it is.
std::string content_encoding_of(const http::Headers& headers);

enum class DecodeFailure {
  kBad,       // the body is not what the list says, or the list names a coding that is not known
  kTooLarge,  // it holds more than `bytes_max`, at the end or in between
};

// Undoes the codings of a list, from the last to the first. gzip may have several members; deflate is the
// zlib format. No step holds more than `bytes_max`.
Result<std::string, DecodeFailure> decode_body(std::string_view body, std::string_view codings,
                                               std::size_t bytes_max);

enum class Coding { kIdentity, kGzip, kDeflate };
std::string_view coding_name(Coding coding);  // `gzip`

// The best of the codings that an Accept-Encoding field allows: gzip before deflate before none.
Coding accepted_coding(std::string_view accept_encoding);
// The coding for the answer to a request, if it is long.
Coding answer_coding(const http::RequestHead& head, CompressAnswers mode);
std::string encode_body(std::string_view body, Coding coding);

}  // namespace tidemark::api
