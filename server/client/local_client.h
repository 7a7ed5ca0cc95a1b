// Asks a running server something: what the commands beside `serve` do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/client/http_post.h"

namespace tidemark::server {

struct ServerAddress {
  std::string host = "127.0.0.1";  // unspecified addresses (0.0.0.0, ::) stand for this machine
  std::uint16_t port = 8000;
};

struct LocalRequest {
  std::string_view method = "GET";
  std::string_view path;
  std::string_view json_body = {};
  std::chrono::milliseconds patience = std::chrono::seconds{3};  // until the whole answer is there
};

// `http://127.0.0.1:8000`
std::string text_of(const ServerAddress& server);

HttpUrl url_of(const ServerAddress& server, std::string_view path);

// Errors: kUnavailable, saying which server does not answer, and why. Answers of more than 4 MB are such an
// error.
Result<HttpAnswer> ask_server(const ServerAddress& server, const LocalRequest& request);

// The same for an answer of any length: see ask_for_stream().
Result<HttpAnswer> ask_server_for_stream(const ServerAddress& server, const LocalRequest& request,
                                         const TakePiece& take);

// What a server says that refuses; with 404 also which server that is, as another one may well have what was
// asked for. Error: kInvalidArgument.
Error refusal_of(const ServerAddress& server, const HttpAnswer& answer);

// The sentence of `{"error":"…"}`, with which a server refuses; everything when the body is something else.
std::string error_sentence(const std::string& body);

}  // namespace tidemark::server
