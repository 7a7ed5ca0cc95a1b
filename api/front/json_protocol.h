// What services of the AWS JSON protocols (1.0, 1.1) have in common, whatever their operations: content
// types, request ids, the headers of every answer, CORS, bodies that nobody wants.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/front/content_coding.h"
#include "base/http_message.h"
#include "base/random.h"

namespace tidemark::api {

// For a request that the server has no room for at the moment.
inline constexpr const char* kTooManyRequests =
    "The server is receiving too many requests at once. Please try again later.";

// The content type of a request, in the spelling of `accepted`; nothing when it is none of those.
std::optional<std::string_view> json_type(const http::Headers& request,
                                          std::span<const std::string_view> accepted);

// Dresses the answers to one request.
class JsonAnswers {
 public:
  // `has_origin`: a browser asks, and every page may have the answer, also an error, signed or not: without
  // it a page cannot tell what went wrong. Answers of more than 4 KB are sent in the coding. `random` must
  // outlive it.
  JsonAnswers(Random& random, bool has_origin, Coding coding)
      : random_(random), has_origin_(has_origin), coding_(coding) {}

  // With a request id and the checksum of the body as it is sent. An empty content type is left out.
  [[nodiscard]] http::Response respond(int status, std::string_view content_type, std::string body) const;
  // 413, and the connection is closed.
  [[nodiscard]] http::Response too_large() const;
  [[nodiscard]] bool may_compress() const { return coding_ != Coding::kIdentity; }
  // Grants a browser's preflight whatever it asks for.
  [[nodiscard]] http::Response preflight(const http::Headers& request) const;

 private:
  void add_cors(http::Response* response) const;

  Random& random_;
  bool has_origin_;
  Coding coding_;
};

// Takes in a body of up to `body_bytes_max` for nothing but keeping the connection usable, then answers.
std::unique_ptr<http::Exchange> fixed_exchange(const JsonAnswers& answers, http::Response response,
                                               std::uint64_t body_bytes_max);

// For the log: the id of the answer, and which request it is that asks for no operation. Does nothing when no
// note was asked for, or there will be no line.
void note_answer(const http::RequestHead& head, const http::Response& answer);
void note_unnamed(const http::RequestHead& head, const http::Response& answer);

}  // namespace tidemark::api
