// Which service a request is for, when several share a port.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/http_message.h"

namespace tidemark::server {

// DynamoDB, S3, STS and CloudWatch Logs on one port.
class EndpointRouter final : public http::Service {
 public:
  struct Services {
    http::Service& dynamodb;
    http::Service& s3;
    http::Service& sts;
    http::Service& logs;
  };
  // `base_domains` as in S3Service::Options.
  EndpointRouter(const Services& services, std::vector<std::string> base_domains)
      : services_(services), base_domains_(std::move(base_domains)) {}
  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  const Services services_;
  const std::vector<std::string> base_domains_;
};

// True for a target of CloudWatch Logs.
bool is_for_logs(const http::RequestHead& head);

// True for a credential scope that names `sts` (in the header or in the query), and for a `GET /` with an
// Action in its query, without credentials to a host that is no bucket.
bool is_for_sts(const http::RequestHead& head, const std::vector<std::string>& base_domains);

// True for what a DynamoDB client sends: an X-Amz-Target header, a credential scope that names `dynamodb` (in
// the header or in the query), a browser's preflight for a request with X-Amz-Target; and, to a host that is
// no bucket, `POST /` without credentials or with a body of application/x-amz-json-* (but no form), the
// preflight for it, and the `GET /` of a health probe (without credentials and query).
bool is_for_dynamodb(const http::RequestHead& head, const std::vector<std::string>& base_domains);

}  // namespace tidemark::server
