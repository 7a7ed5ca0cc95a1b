#include "s3emu/rest/cors.h"

namespace tidemark::s3emu {

// Any page may use the store: there are no CORS rules to ask yet.
S3Result<http::Response> preflight(OperationContext& /*context*/, const S3Request& request) {
  http::Response response = empty_answer(200);
  response.headers.add("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE, HEAD");
  const auto headers = request.head.headers.find("Access-Control-Request-Headers");
  if (headers) response.headers.add("Access-Control-Allow-Headers", std::string(*headers));
  response.headers.add("Access-Control-Max-Age", "3000");
  response.headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  return response;
}

void add_cors_headers(OperationContext& /*context*/, const S3Request& request, http::Response* response) {
  if (!request.head.headers.find("Origin")) return;
  response->headers.add("Access-Control-Allow-Origin", "*");
  response->headers.add("Access-Control-Expose-Headers", "*");
}

}  // namespace tidemark::s3emu
