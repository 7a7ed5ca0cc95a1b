#include "server/front/endpoint_router.h"

#include "tests/support/catch.h"
#include "tests/unit/server/fake_service.h"

namespace tidemark::server::test {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

http::RequestHead head_of(std::string method, std::string target, const Fields& fields) {
  http::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  for (const auto& [name, value] : fields) head.headers.add(name, value);
  return head;
}

std::string signature(const std::string& service, const std::string& key = "AKIDEXAMPLE") {
  return "AWS4-HMAC-SHA256 Credential=" + key + "/20260101/us-east-1/" + service +
         "/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
}

TEST_CASE("a shared port tells DynamoDB and S3 apart") {
  struct Case {
    const char* why;
    std::string method, target;
    Fields fields;
    bool dynamodb;
  };
  const auto c = GENERATE(values<Case>({
      {"target header", "POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.GetItem"}}, true},
      {"target header in lower case", "POST", "/", {{"x-amz-target", "DynamoDBStreams_20120810.X"}}, true},
      {"signed for dynamodb", "POST", "/", {{"Authorization", signature("dynamodb")}}, true},
      {"signed for s3", "GET", "/", {{"Authorization", signature("s3")}}, false},
      {"a bucket called dynamodb",
       "GET",
       "/dynamodb/aws4_request",
       {{"Authorization", signature("s3")}},
       false},
      {"a key that looks like a scope",
       "PUT",
       "/b/k",
       {{"Authorization", signature("s3", "a/dynamodb/x")}},
       false},
      {"a scope cut short",
       "PUT",
       "/b/k",
       {{"Authorization", "AWS4-HMAC-SHA256 Credential=dynamodb"}},
       false},
      {"SigV2", "GET", "/", {{"Authorization", "AWS key:signature"}}, false},
      {"presigned for dynamodb",
       "POST",
       "/?X-Amz-Credential=A%2F20260101%2Fr%2Fdynamodb%2Faws4_request",
       {},
       true},
      {"presigned for s3", "GET", "/?X-Amz-Credential=A%2F20260101%2Fr%2Fs3%2Faws4_request", {}, false},
      {"JSON 1.0 without a target", "POST", "/", {{"Content-Type", "application/x-amz-json-1.0"}}, true},
      {"nothing said at all", "POST", "/", {}, true},
      {"plain JSON of a page", "POST", "/", {{"Content-Type", "application/json"}}, true},
      {"signed for S3, to nowhere", "POST", "/", {{"Authorization", signature("s3")}}, false},
      {"posted to a bucket by its host", "POST", "/", {{"Host", "bucket.localhost:8000"}}, false},
      {"JSON 1.0 to a bucket", "POST", "/bucket", {{"Content-Type", "application/x-amz-json-1.0"}}, false},
      {"a form to a virtual host", "POST", "/", {{"Content-Type", "multipart/form-data; boundary=x"}}, false},
      {"a health probe", "GET", "/", {}, true},
      {"a health probe of a name", "GET", "/", {{"Host", "localhost:8000"}}, true},
      {"an anonymous list of a bucket by its host", "GET", "/", {{"Host", "bucket.localhost:8000"}}, false},
      {"a bucket below a name that was given", "GET", "/", {{"Host", "bucket.S3.lan"}}, false},
      {"a bucket below another name", "GET", "/", {{"Host", "bucket.s3.wan"}}, true},
      {"an anonymous list of a virtual host", "GET", "/?list-type=2", {}, false},
      {"HEAD of a virtual host", "HEAD", "/", {}, false},
      {"an object", "GET", "/bucket/key", {}, false},
      {"a preflight of DynamoDB",
       "OPTIONS",
       "/",
       {{"Access-Control-Request-Headers", "authorization,X-Amz-Target"}},
       true},
      {"a preflight of a post that says nothing of its target",
       "OPTIONS",
       "/",
       {{"Access-Control-Request-Method", "POST"}, {"Access-Control-Request-Headers", "content-type"}},
       true},
      {"a preflight of a list of buckets",
       "OPTIONS",
       "/",
       {{"Access-Control-Request-Method", "GET"}, {"Access-Control-Request-Headers", "authorization"}},
       false},
      {"a preflight of S3", "OPTIONS", "/b/k", {{"Access-Control-Request-Headers", "authorization"}}, false},
  }));
  INFO(c.why);
  CHECK(is_for_dynamodb(head_of(c.method, c.target, c.fields), {"localhost", "s3.lan"}) == c.dynamodb);
}

// Answers everything with its name.
class NamedService final : public http::Service {
 public:
  explicit NamedService(std::string name) : name_(std::move(name)) {}
  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead) override {
    return fail(text_answer(200, name_));
  }

 private:
  std::string name_;
};

std::string body_of(http::Service& service, http::RequestHead head) {
  return std::get<std::string>(service.begin(std::move(head)).error().body);
}

TEST_CASE("requests reach the service they are for, whatever the port") {
  NamedService dynamodb("dynamodb");
  NamedService s3("s3");
  NamedService sts("sts");
  NamedService logs("logs");
  EndpointRouter router({.dynamodb = dynamodb, .s3 = s3, .sts = sts, .logs = logs}, {"localhost"});
  struct Case {
    const char* why;
    std::string method, target;
    Fields fields;
    std::string service;
  };
  const auto c = GENERATE(values<Case>({
      {"a target", "POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.GetItem"}}, "dynamodb"},
      {"a target of CloudWatch Logs",
       "POST",
       "/",
       {{"X-Amz-Target", "Logs_20140328.GetLogEvents"}, {"Authorization", signature("logs")}},
       "logs"},
      {"an object", "GET", "/bucket/key", {}, "s3"},
      {"signed for STS", "POST", "/", {{"Authorization", signature("sts")}}, "sts"},
      {"presigned for STS",
       "GET",
       "/?Action=GetCallerIdentity&X-Amz-Credential=A%2F20260101%2Fr%2Fsts%2Faws4_request",
       {},
       "sts"},
      {"an action without credentials", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}, "sts"},
      {"an action to a bucket", "GET", "/?Action=x", {{"Host", "bucket.localhost:8000"}}, "s3"},
      {"an action in a bucket", "GET", "/bucket?Action=x", {}, "s3"},
      {"a form of nobody", "POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "dynamodb"},
  }));
  INFO(c.why);
  CHECK(body_of(router, head_of(c.method, c.target, c.fields)) == c.service);
}

}  // namespace
}  // namespace tidemark::server::test
