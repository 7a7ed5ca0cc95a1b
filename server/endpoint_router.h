// Which service a request is for, when several share a port.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/http_message.h"

namespace tidemark::server {

// DynamoDB and S3 on one port.
class EndpointRouter final : public http::Service {
 public:
  // `base_domains` as in S3Service::Options.
  EndpointRouter(http::Service& dynamodb, http::Service& s3, std::vector<std::string> base_domains)
      : dynamodb_(dynamodb), s3_(s3), base_domains_(std::move(base_domains)) {}
  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  http::Service& dynamodb_;
  http::Service& s3_;
  const std::vector<std::string> base_domains_;
};

// True for what a DynamoDB client sends: an X-Amz-Target header, a credential scope that names `dynamodb` (in
// the header or in the query), a browser's preflight for a request with X-Amz-Target; and, to a host that is
// no bucket, `POST /` without credentials or with a body of application/x-amz-json-* (but no form), the
// preflight for it, and the `GET /` of a health probe (without credentials and query).
bool is_for_dynamodb(const http::RequestHead& head, const std::vector<std::string>& base_domains);

}  // namespace tidemark::server
