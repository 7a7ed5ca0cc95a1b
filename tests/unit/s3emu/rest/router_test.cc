#include "s3emu/rest/core/operation.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {

TEST_CASE("which request is which operation") {
  struct Case {
    const char* method;
    const char* target;
    bool copy;
    std::string name;
  };
  const auto c = GENERATE(values<Case>({
      {"GET", "/", false, "ListBuckets"},
      {"GET", "/b", false, "ListObjects"},
      {"GET", "/b/", false, "ListObjects"},
      {"GET", "/b?list-type=2&prefix=x", false, "ListObjectsV2"},
      {"GET", "/b?location", false, "GetBucketLocation"},
      {"GET", "/b?location=", false, "GetBucketLocation"},
      {"GET", "/b/?versions", false, "ListObjectVersions"},
      {"GET", "/b?uploads", false, "ListMultipartUploads"},
      {"GET", "/b?versioning", false, "GetBucketVersioning"},
      {"GET", "/b?acl", false, "GetBucketAcl"},
      {"HEAD", "/b", false, "HeadBucket"},
      {"PUT", "/b", false, "CreateBucket"},
      {"PUT", "/b?versioning", false, "PutBucketVersioning"},
      {"PUT", "/b?anything", false, "NotImplemented"},
      {"DELETE", "/b", false, "DeleteBucket"},
      {"DELETE", "/b?policy", false, "DeleteBucketPolicy"},
      {"POST", "/b?delete", false, "DeleteObjects"},
      {"POST", "/b?delete=", false, "DeleteObjects"},
      {"POST", "/b", false, "PostObject"},
      {"POST", "/b/", false, "PostObject"},
      {"POST", "/b/k", false, "MethodNotAllowed"},
      {"POST", "/b/k?restore", false, "NotImplemented"},
      {"POST", "/b/k?uploads", false, "CreateMultipartUpload"},
      {"POST", "/b/k?uploads=", false, "CreateMultipartUpload"},
      {"POST", "/b/k?uploadId=x", false, "CompleteMultipartUpload"},
      {"PUT", "/b/k", false, "PutObject"},
      {"PUT", "/b/k?x-id=PutObject", false, "PutObject"},
      {"PUT", "/b/k", true, "CopyObject"},
      {"PUT", "/b/k?partNumber=1&uploadId=x", false, "UploadPart"},
      {"PUT", "/b/k?partNumber=1&uploadId=x", true, "UploadPartCopy"},
      {"PUT", "/b/k?partNumber=1", false, "NotImplemented"},
      {"PUT", "/b/k?acl", false, "PutObjectAcl"},
      {"PUT", "/b/k?acl", true, "PutObjectAcl"},
      {"PUT", "/b/k?tagging", false, "PutObjectTagging"},
      {"PUT", "/b/k?retention", false, "PutObjectRetention"},
      {"PUT", "/b/k?newThing", false, "NotImplemented"},
      {"GET", "/b/k", false, "GetObject"},
      {"GET", "/b/k?partNumber=2", false, "GetObject"},
      {"GET", "/b/k?response-expires=x&versionId=null", false, "GetObject"},
      {"GET", "/b/k?uploadId=x", false, "ListParts"},
      {"GET", "/b/k?tagging", false, "GetObjectTagging"},
      {"GET", "/b/k?attributes", false, "GetObjectAttributes"},
      {"GET", "/b/k?torrent", false, "NotImplemented"},
      {"HEAD", "/b/k?partNumber=2", false, "HeadObject"},
      {"DELETE", "/b/k", false, "DeleteObject"},
      {"DELETE", "/b/k?uploadId=x", false, "AbortMultipartUpload"},
      {"DELETE", "/b?object-lock&website", false, "InvalidArgument"},
      {"POST", "/b/k?uploads&uploadId=x", false, "InvalidArgument"},
      {"GET", "/b/k?partNumber=1&uploadId=x", false, "ListParts"},
      {"DELETE", "/b/k?tagging", false, "DeleteObjectTagging"},
      {"PATCH", "/b/k", false, "MethodNotAllowed"},
      {"DELETE", "/", false, "MethodNotAllowed"},
  }));
  INFO(c.method << " " << c.target << (c.copy ? " (copy)" : ""));
  http::RequestHead head;
  head.method = c.method;
  head.target = c.target;
  if (c.copy) head.headers.add("x-amz-copy-source", "/b/s");
  const auto request = parse_request(head, {});
  REQUIRE(request);
  const auto operation = route(*request);
  CHECK((operation ? std::string((*operation)->name) : operation.error().code) == c.name);
}

TEST_CASE("every operation has one handler") {
  for (const S3Operation& operation : operations()) {
    INFO(operation.name);
    CHECK((operation.handle == nullptr) != (operation.stream == nullptr));
    // DeleteObjects is judged key by key, a form when its fields are known.
    const bool judged_later = operation.name == "DeleteObjects" || operation.name == "PostObject";
    CHECK(operation.action.starts_with("s3:") == !judged_later);
  }
}

TEST_CASE("addressing") {
  struct Case {
    const char* host;
    const char* target;
    const char* bucket;
    const char* key;
  };
  const auto c = GENERATE(values<Case>({
      {"127.0.0.1:80", "/b/k", "b", "k"},
      {"[::1]:80", "/b/k", "b", "k"},
      {"localhost:80", "/b/k", "b", "k"},
      {"b.localhost:80", "/k", "b", "k"},
      {"B.LocalHost.", "/k/", "b", "k/"},
      {"a.b.c.s3.localhost", "/", "a.b.c", ""},
      {"s3.localhost", "/b/k", "b", "k"},
      {"s3.eu-central-1.localhost:80", "/b/k", "b", "k"},
      {"b.s3.eu-central-1.localhost:80", "/k", "b", "k"},
      {"a.b.s3.us-gov-west-1.localhost", "/k", "a.b", "k"},
      {"my.s3.bucket.localhost", "/k", "my.s3.bucket", "k"},
      {"eu-central-1.localhost", "/k", "eu-central-1", "k"},
      {".localhost", "/b/k", "b", "k"},
      {"other.example", "/b/k", "b", "k"},
      {"xlocalhost", "/b/k", "b", "k"},
      {"", "/b//k", "b", "/k"},
      {"", "/b/../k", "b", "../k"},
      {"", "/b/a%2Fb+c%20d%25", "b", "a/b+c d%"},
      {"", "/", "", ""},
      {"", "http://other/b/k", "b", "k"},
  }));
  INFO(c.host << " " << c.target);
  http::RequestHead head;
  head.method = "GET";
  head.target = c.target;
  head.headers.add("Host", c.host);
  const auto request = parse_request(head, {"localhost", "s3.localhost"});
  REQUIRE(request);
  CHECK(request->bucket == c.bucket);
  CHECK(request->key == c.key);
}

TEST_CASE("broken escapes are refused") {
  RestFixture f;
  for (const char* target : {"/b/%", "/b/%zz", "/%f/k", "/b?prefix=%", "//k"}) {
    INFO(target);
    const Answer answer = f.send("GET", target);
    CHECK(answer.status == 400);
    CHECK(answer.element("Code") == "InvalidURI");
  }
}

TEST_CASE("presigned requests expire, whatever their signature") {
  RestFixture f;  // the clock stands at 2026-09-21T14:13:20Z
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket/k", {}, "v").status == 200);
  struct Case {
    const char* why;
    std::string query;
    int status;
    std::string code;
  };
  const auto v4 = [](const std::string& date, const std::string& expires) {
    return "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260921%2Fr%2Fs3%2Faws4_request&X-Amz-"
           "Date=" +
           date + "&X-Amz-Expires=" + expires + "&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
  };
  const std::vector<Case> cases = {
      {"v4 good", v4("20260921T141000Z", "900"), 200, ""},
      {"v4 expired", v4("20260921T140000Z", "600"), 403, "AccessDenied"},
      {"v4 future", v4("20260921T150000Z", "600"), 403, "AccessDenied"},
      {"v4 too long", v4("20260921T141000Z", "604801"), 400, "AuthorizationQueryParametersError"},
      {"v4 zero", v4("20260921T141000Z", "0"), 403, "AccessDenied"},
      {"v4 zero from now", v4("20260921T141320Z", "0"), 403, "AccessDenied"},
      {"v4 negative", v4("20260921T141000Z", "-1"), 400, "AuthorizationQueryParametersError"},
      {"v4 text", v4("20260921T141000Z", "x"), 400, "AuthorizationQueryParametersError"},
      {"v4 date", v4("yesterday", "900"), 400, "AuthorizationQueryParametersError"},
      {"v4 missing", "?X-Amz-Signature=00&X-Amz-Algorithm=AWS4-HMAC-SHA256", 400,
       "AuthorizationQueryParametersError"},
      {"v2 good", "?AWSAccessKeyId=a&Signature=s&Expires=1790000001", 200, ""},
      {"v2 expired", "?AWSAccessKeyId=a&Signature=s&Expires=1789999999", 403, "AccessDenied"},
      {"v2 text", "?AWSAccessKeyId=a&Signature=s&Expires=soon", 403, "AccessDenied"},
      {"v2 very far", "?AWSAccessKeyId=a&Signature=s&Expires=9223372036854775807", 200, ""},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const Answer answer = f.send("GET", "/bucket/k" + c.query);
    CHECK(answer.status == c.status);
    if (c.status != 200) CHECK(answer.element("Code") == c.code);
  }
  CHECK(f.send("GET", "/bucket/k?AWSAccessKeyId=a&Signature=s&Expires=1", {}).element("Message") ==
        "Request has expired");
}

TEST_CASE("Authorization headers are accepted when well-formed") {
  RestFixture f;
  struct Case {
    std::string value;
    int status;
  };
  const std::vector<Case> cases = {
      {"AWS4-HMAC-SHA256 Credential=AK/20260101/US/s3/aws4_request,SignedHeaders=host,Signature=00", 200},
      {"AWS4-HMAC-SHA256 Credential=A/K/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
       200},
      // No region, a region that is none, no key
      {"AWS4-HMAC-SHA256 Credential=AK/20260101//s3/aws4_request,SignedHeaders=host,Signature=00", 200},
      {"AWS4-HMAC-SHA256 Credential=AK/20260101/fakeRegion/s3/aws4_request,SignedHeaders=host,Signature=00",
       200},
      {"AWS4-HMAC-SHA256 Credential=AK/19700101/us_east_1/s3/aws4_request,SignedHeaders=host,Signature=00",
       200},
      {"AWS4-HMAC-SHA256 Credential=/20260101/local/s3/aws4_request,SignedHeaders=host,Signature=00", 200},
      {"AWS AK:c2ln", 200},
      {"AWS4-HMAC-SHA256 Credential=AK", 400},
      {"AWS4-HMAC-SHA256", 400},
      {"AWS4-ECDSA-P256-SHA256 Credential=AK/20260101/s3/aws4_request", 501},
      {"Basic abc", 400},
  };
  for (const Case& c : cases) {
    INFO(c.value);
    CHECK(f.send("GET", "/", {{"Authorization", c.value}}).status == c.status);
  }
  CHECK(f.send("GET", "/?AWSAccessKeyId=a&Signature=s&Expires=1790000001", {{"Authorization", "AWS AK:c2ln"}})
            .status == 400);
}

}  // namespace tidemark::s3emu
