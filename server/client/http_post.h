// A small HTTP client: one request, one connection, plain HTTP. For the webhook and for the commands that ask
// a running server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/http_message.h"
#include "base/result.h"

namespace tidemark::server {

struct HttpUrl {
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";
};

// `http://host[:port][/path][?query]`. Errors: kInvalidArgument.
Result<HttpUrl> parse_http_url(std::string_view url);

struct HttpQuestion {
  std::string_view method = "GET";
  std::string_view json_body = {};   // with a POST
  std::size_t answer_bytes_max = 0;  // of the body; 0: the caller does not want it
  // When there are any, they are sent as they are, `host` and the type of the body among them.
  http::Headers headers = {};
};

// What stands in the field Host.
std::string host_field(const HttpUrl& url);

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string fields = {};  // of the head, lines as they came
};

// The value of the first field of that name; nothing when there is none.
std::optional<std::string_view> field_of(std::string_view fields, std::string_view name);

// How the message of kUnavailable ends when nobody listens there.
inline constexpr std::string_view kNobodyThere = "does not accept connections";

// Asks on a connection of its own. Blocks until `patience` is over or `stop_descriptor`, unless it is -1, can
// be read; but looking up a host name may take longer. Errors: kUnavailable, naming host and port, also when
// the answer's body is longer than is wanted.
Result<HttpAnswer> ask(const HttpUrl& url, const HttpQuestion& question, std::chrono::milliseconds patience,
                       int stop_descriptor = -1);

// The same for an answer of any length: the body of one below 300 is handed to `take` as it comes, and is not
// in what is returned. Errors: also kUnavailable when the body breaks off.
using TakePiece = std::function<void(std::string_view)>;
Result<HttpAnswer> ask_for_stream(const HttpUrl& url, const HttpQuestion& question,
                                  std::chrono::milliseconds patience, const TakePiece& take);

// Posts JSON on a connection of its own and returns the status of the answer, whose body is not read.
// Blocks until `patience` is over or `stop_descriptor` can be read; but looking up a host name may take
// longer. Errors: kUnavailable.
Result<int> post_json(const HttpUrl& url, std::string_view body, std::chrono::milliseconds patience,
                      int stop_descriptor);

}  // namespace tidemark::server
