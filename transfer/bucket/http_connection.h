// A connection to an HTTP/1.1 server, plain or over TLS, on which one question after the other is asked.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"

namespace tidemark::transfer {

// What a TLS connection trusts. Thread-safe.
class TlsTrust {
 public:
  // The authorities in the file, or the system's. Errors: kInvalidArgument.
  static Result<std::shared_ptr<TlsTrust>> load(const std::string& ca_file);
  virtual ~TlsTrust() = default;
};

struct HttpAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;
};

struct HttpQuestion {
  std::string head;  // with the empty line behind it
  std::string_view body = {};
  bool is_head_request = false;
  std::size_t answer_bytes_max = 0;  // of the body
};

// How long is waited: for anything to happen at all, and until everything must have happened.
struct HttpPatience {
  std::chrono::milliseconds idle;
  std::chrono::steady_clock::time_point deadline;
};

// Every wait ends when the patience does, or soon after the stop; but looking up a name may take longer.
// Errors of all: kUnavailable, as the end of a sentence that begins with who it is about. Not thread-safe.
class HttpConnection {
 public:
  // `trust` is only looked at for TLS, which names and verifies the address's host.
  static Result<std::unique_ptr<HttpConnection>> open(const S3Address& address, const std::string& host,
                                                      std::shared_ptr<TlsTrust> trust,
                                                      const HttpPatience& patience,
                                                      const std::stop_token& stop);
  virtual ~HttpConnection() = default;

  // An answer that comes while the body is still being sent counts: it is a refusal.
  virtual Result<HttpAnswer> ask(const HttpQuestion& question, const HttpPatience& patience,
                                 const std::stop_token& stop) = 0;
  // Whether another question may follow the last answer.
  [[nodiscard]] virtual bool may_go_on() const = 0;
};

}  // namespace tidemark::transfer
