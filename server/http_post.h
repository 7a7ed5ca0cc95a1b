// A small HTTP client that sends one POST after the other, for the webhook.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::server {

struct HttpUrl {
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";
};

// `http://host[:port][/path][?query]`. Errors: kInvalidArgument.
Result<HttpUrl> parse_http_url(std::string_view url);

// Posts JSON on a connection of its own and returns the status of the answer, whose body is not read.
// Blocks until `patience` is over or `stop_descriptor` can be read; but looking up a host name may take
// longer. Errors: kUnavailable.
Result<int> post_json(const HttpUrl& url, std::string_view body, std::chrono::milliseconds patience,
                      int stop_descriptor);

}  // namespace tidemark::server
