// Status line and header fields of an answer, as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http_message.h"

namespace tidemark::server {

struct RequestTraits {
  bool is_head = false;  // asked with HEAD: the length is announced, the body stays away
  bool keep_alive = true;
  bool http_1_0 = false;  // such a peer must be told that the connection stays open
};

// Appends the head, with Server, Date, Content-Length and Connection, to `*out`. Control characters in values
// become blanks, so that no value can end its line.
void append_response_head(std::string* out, const http::Response& response, std::string_view http_date,
                          RequestTraits request);

// Whether an answer of this status has no body, whatever the service says (RFC 9110 6.4.1).
bool is_bodiless(int status);

// The Date header, formatted once a second.
// Thread-safety: none; one per thread.
class HttpDate {
 public:
  explicit HttpDate(const Clock& clock) : clock_(clock) {}
  // Valid until the next call.
  std::string_view now();

 private:
  const Clock& clock_;
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace tidemark::server
