#include "base/auth/sigv2.h"

#include "tests/support/catch.h"

namespace tidemark::auth {
namespace {

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct Example {
  const char* why;
  SigV2Form form;
  std::string method, target, bucket;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string signature;
};

http::RequestHead head_of(const Example& example) {
  http::RequestHead head;
  head.method = example.method;
  head.target = example.target;
  for (const auto& [name, value] : example.headers) head.headers.add(name, value);
  return head;
}

TEST_CASE("signature version 2: the public examples") {
  const auto c = GENERATE(values<Example>({
      {"GET",
       SigV2Form::kHeader,
       "GET",
       "/photos/puppy.jpg",
       "johnsmith",
       {{"Date", "Tue, 27 Mar 2007 19:36:42 +0000"}},
       "bWq2s1WEIj+Ydj0vQ697zp+IXMU="},
      {"PUT",
       SigV2Form::kHeader,
       "PUT",
       "/photos/puppy.jpg",
       "johnsmith",
       {{"Content-Type", "image/jpeg"},
        {"Content-Length", "94328"},
        {"Date", "Tue, 27 Mar 2007 21:15:45 +0000"}},
       "MyyxeRY7whkBe+bq8fHCL/2kKUg="},
      {"list: its parameters are not signed",
       SigV2Form::kHeader,
       "GET",
       "/?prefix=photos&max-keys=50&marker=puppy",
       "johnsmith",
       {{"Date", "Tue, 27 Mar 2007 19:42:41 +0000"}},
       "htDYFYduRNen8P9ZfE/s9SuKy0U="},
      {"a sub-resource is",
       SigV2Form::kHeader,
       "GET",
       "/?acl",
       "johnsmith",
       {{"Date", "Tue, 27 Mar 2007 19:44:46 +0000"}},
       "c2WLPFtWHVgbEmeEG93a4cG37dM="},
      {"upload with metadata",
       SigV2Form::kHeader,
       "PUT",
       "/db-backup.dat.gz",
       "static.johnsmith.net",
       {{"Date", "Tue, 27 Mar 2007 21:06:08 +0000"},
        {"x-amz-acl", "public-read"},
        {"content-type", "application/x-download"},
        {"Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="},
        {"X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"},
        {"X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"},
        {"X-Amz-Meta-FileChecksum", "0x02661779"},
        {"X-Amz-Meta-ChecksumAlgorithm", "crc32"},
        {"Content-Disposition", "attachment; filename=database.dat"}},
       "ilyl83RwaSoYIEdixDQcA4OnAnc="},
      {"the service",
       SigV2Form::kHeader,
       "GET",
       "/",
       "",
       {{"Date", "Wed, 28 Mar 2007 01:29:59 +0000"}},
       "qGdzdERIC03wnaRNKh6OqZehG9s="},
      {"keys as they are encoded on the wire",
       SigV2Form::kHeader,
       "GET",
       "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re",
       "",
       {{"Date", "Wed, 28 Mar 2007 01:49:49 +0000"}},
       "DNEZGsoieTZ92F3bUfSPQcbGmlM="},
      {"a presigned URL",
       SigV2Form::kQuery,
       "GET",
       "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
       "&Expires=1175139620",
       "johnsmith",
       {{"Date", "Mon, 26 Mar 2007 19:37:58 +0000"}},
       "NpgCjnDzrM+WFzoENXmpNDUsSn8="},
  }));
  INFO(c.why);
  const http::RequestHead head = head_of(c);
  INFO(string_to_sign_v2(head, c.bucket, c.form));
  CHECK(signature_v2(kSecret, string_to_sign_v2(head, c.bucket, c.form)) == c.signature);
  CHECK(verify_v2(head, c.bucket, c.form, kSecret, c.signature));
  CHECK_FALSE(verify_v2(head, c.bucket, c.form, "another secret", c.signature));
  CHECK_FALSE(verify_v2(head, "other" + c.bucket, c.form, kSecret, c.signature));
  CHECK_FALSE(verify_v2(head, c.bucket, c.form, kSecret, c.signature.substr(1)));
  CHECK_FALSE(verify_v2(head, c.bucket, c.form, kSecret, ""));
}

TEST_CASE("signature version 2: what is signed") {
  struct Case {
    const char* why;
    SigV2Form form;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string text;
  };
  const auto c = GENERATE(values<Case>({
      {"x-amz-date stands for the date",
       SigV2Form::kHeader,
       "/b/k",
       {{"Date", "today"}, {"x-amz-date", "yesterday"}},
       "GET\n\n\n\nx-amz-date:yesterday\n/b/k"},
      {"headers that were moved into the query",
       SigV2Form::kQuery,
       "/b/k?Expires=9&content-type=text%2Fplain&x-amz-meta-b=2&x-amz-meta-a=1&content-md5=m",
       {},
       "GET\nm\ntext/plain\n9\nx-amz-meta-a:1\nx-amz-meta-b:2\n/b/k"},
      {"a header that was sent goes before the query",
       SigV2Form::kQuery,
       "/b/k?Expires=9&content-type=text%2Fplain",
       {{"Content-Type", "text/html"}, {"Date", "today"}},
       "GET\n\ntext/html\n9\n/b/k"},
      {"in the header form the query moves nothing",
       SigV2Form::kHeader,
       "/b/k?x-amz-meta-a=1",
       {{"Date", "today"}},
       "GET\n\n\ntoday\n/b/k"},
      {"sub-resources in order, decoded",
       SigV2Form::kHeader,
       "/b/k?versionId=v%2F1&x-id=GetObject&response-content-type=text%2Fplain&acl",
       {},
       "GET\n\n\n\n/b/k?acl&response-content-type=text/plain&versionId=v/1"},
      {"a sub-resource that hides behind an escape",
       SigV2Form::kHeader,
       "/b/k?%61cl",
       {},
       "GET\n\n\n\n/b/k?acl"},
      {"a broken escape stays",
       SigV2Form::kHeader,
       "/b/k?versionId=%zz",
       {},
       "GET\n\n\n\n/b/k?versionId=%zz"},
      {"an empty value keeps its equals sign",
       SigV2Form::kHeader,
       "/b?uploads=",
       {},
       "GET\n\n\n\n/b?uploads="},
  }));
  INFO(c.why);
  const http::RequestHead head = head_of({"", c.form, "GET", c.target, "", c.headers, ""});
  CHECK(string_to_sign_v2(head, "", c.form) == c.text);
}

TEST_CASE("signature version 2: a sub-resource that was signed as it was sent") {
  const http::RequestHead head =
      head_of({"", SigV2Form::kHeader, "GET", "/b/k?versionId=v%2F1", "", {{"Date", "today"}}, ""});
  const std::string signature = signature_v2(kSecret, "GET\n\n\ntoday\n/b/k?versionId=v%2F1");
  CHECK(verify_v2(head, "", SigV2Form::kHeader, kSecret, signature));
}

TEST_CASE("signature version 2: a bucket is the same with and without a slash") {
  struct Case {
    const char* target;
    const char* signed_resource;
    bool right;
  };
  const auto c = GENERATE(values<Case>({
      {"/bucket", "/bucket", true},
      {"/bucket", "/bucket/", true},
      {"/bucket?acl", "/bucket/?acl", true},
      {"/bucket/", "/bucket/", true},
      {"/bucket/", "/bucket", false},
      {"/bucket/k", "/bucket/k/", false},
      {"/", "//", false},
  }));
  INFO(c.target << " signed as " << c.signed_resource);
  const http::RequestHead head =
      head_of({"", SigV2Form::kHeader, "GET", c.target, "", {{"Date", "today"}}, ""});
  const std::string signature = signature_v2(kSecret, std::string("GET\n\n\ntoday\n") + c.signed_resource);
  CHECK(verify_v2(head, "", SigV2Form::kHeader, kSecret, signature) == c.right);
}

}  // namespace
}  // namespace tidemark::auth
