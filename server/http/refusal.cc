#include "server/http/refusal.h"

#include <string>

namespace tidemark::server {

http::Response plain_refusal(const Refusal& refusal) {
  http::Response response;
  response.status = refusal.status;
  response.headers.add("Content-Type", "text/plain");
  response.body = std::string(refusal.text) + '\n';
  return response;
}

}  // namespace tidemark::server
