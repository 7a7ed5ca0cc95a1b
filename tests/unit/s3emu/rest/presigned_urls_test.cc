#include "tests/unit/s3emu/rest/signing.h"

namespace tidemark::s3emu::signing {

TEST_CASE("strict mode: presigned URLs with something changed are refused") {
  StrictFixture s3;
  struct Case {
    const char* why;
    std::string from, to;  // in the target
    std::string code;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", "", "", "(none)"},
      {"path", "/key", "/other", "SignatureDoesNotMatch"},
      {"a parameter more", "?", "?acl&", "SignatureDoesNotMatch"},
      {"a parameter that is a header", "?", "?x-amz-acl=public-read&", "SignatureDoesNotMatch"},
      {"a longer life", "X-Amz-Expires=60", "X-Amz-Expires=61", "SignatureDoesNotMatch"},
      {"a life too long", "X-Amz-Expires=60", "X-Amz-Expires=604801", "AuthorizationQueryParametersError"},
      {"no list", "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=", "AuthorizationQueryParametersError"},
      {"a broken list", "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host;;",
       "AuthorizationQueryParametersError"},
      {"a list without the host", "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=range", "AccessDenied"},
      {"service", "%2Fs3%2F", "%2Fs4%2F", "AuthorizationQueryParametersError"},
      {"another day", "X-Amz-Credential=AKALICE%2F20260921", "X-Amz-Credential=AKALICE%2F20260922",
       "AuthorizationQueryParametersError"},
      {"access key", "AKALICE", "AKALICF", "InvalidAccessKeyId"},
      {"signature", "X-Amz-Signature=", "X-Amz-Signature=0", "SignatureDoesNotMatch"},
  }));
  INFO(c.why);
  Request request = kAlice.presigned({});
  INFO(request.target);
  REQUIRE(request.target.find(c.from) != std::string::npos);
  request.target.replace(request.target.find(c.from), c.from.size(), c.to);
  const Answer answer = s3.send(request);
  INFO(answer.body);
  CHECK(answer.element("Code") == c.code);
  if (c.code == "(none)") CHECK(answer.body == "hello");
}

TEST_CASE("strict mode: headers beside a presigned URL") {
  StrictFixture s3;
  Request request = kAlice.presigned({.method = "PUT", .target = "/bucket/new", .body = "hello"});
  SECTION("one that would change what is stored") {
    request.headers.emplace_back("x-amz-meta-a", "1");
    const Answer answer = s3.send(request);
    CHECK(answer.element("Code") == "AccessDenied");
    CHECK(answer.element("HeadersNotSigned") == "x-amz-meta-a");
  }
  SECTION("the digest of the body may come without being signed, and must be right") {
    request.headers.emplace_back("x-amz-content-sha256", std::string(64, '0'));
    CHECK(s3.send(request).element("Code") == "XAmzContentSHA256Mismatch");
    request.header("x-amz-content-sha256") = to_hex(digest_of(DigestAlgorithm::kSha256, "hello"));
    CHECK(s3.send(request).status == 200);
  }
  SECTION("a content type") {
    request.headers.emplace_back("Content-Type", "text/plain");
    CHECK(s3.send(request).status == 200);
  }
}

TEST_CASE("strict mode: what a presigned URL says goes before unsigned headers") {
  StrictFixture s3;
  const std::string sha256 = to_hex(digest_of(DigestAlgorithm::kSha256, "hello"));
  const auto put = [](const std::string& query) {
    return kAlice.presigned({.method = "PUT", .target = "/bucket/new?" + query, .body = "hello"});
  };
  SECTION("the digest of the body") {
    Request request =
        kAlice.presigned_body({.method = "PUT", .target = "/bucket/new", .body = "hello"}, sha256);
    CHECK(s3.send(request).status == 200);
    request.body = "HELLO";
    CHECK(s3.send(request).element("Code") == "XAmzContentSHA256Mismatch");
    request.headers.emplace_back("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    CHECK(s3.send(request).element("Code") == "XAmzContentSHA256Mismatch");
    request.header("x-amz-content-sha256") = to_hex(digest_of(DigestAlgorithm::kSha256, "HELLO"));
    CHECK(s3.send(request).element("Code") == "XAmzContentSHA256Mismatch");
    CHECK(s3.send(kAlice({.target = "/bucket/new"})).body == "hello");
  }
  SECTION("the MD5 of the body") {
    const std::string md5 = base64_encode(digest_of(DigestAlgorithm::kMd5, "HELLO"));
    Request request = put("Content-MD5=" + http::percent_encode(md5, http::Slash::kEncoded));
    CHECK(s3.send(request).element("Code") == "BadDigest");
    request.headers.emplace_back("Content-MD5", base64_encode(digest_of(DigestAlgorithm::kMd5, "hello")));
    CHECK(s3.send(request).element("Code") == "BadDigest");
  }
  SECTION("the content type") {
    Request request = put("content-type=text%2Fplain");
    request.headers.emplace_back("Content-Type", "text/html");
    CHECK(s3.send(request).status == 200);
    CHECK(s3.send(kAlice({.target = "/bucket/new"})).header("Content-Type") == "text/plain");
  }
}

TEST_CASE("a parameter of a presigned URL stands there once") {
  struct Case {
    bool version2;
    std::string more;
  };
  const auto c = GENERATE(values<Case>({
      {true, "Expires=9999999999"},
      {true, "Signature=x"},
      {true, "AWSAccessKeyId=AKBOB"},
      {false, "X-Amz-Expires=604800"},
      {false, "X-Amz-Signature=0"},
      {false, "X-Amz-Date=20260921T141320Z"},
      {false, "X-Amz-Credential=x"},
      {false, "X-Amz-SignedHeaders=host"},
      {false, "X-Amz-Algorithm=AWS4-HMAC-SHA256"},
  }));
  const bool in_front = GENERATE(false, true);
  CAPTURE(c.more, in_front);
  Request request = c.version2 ? kAlice.presigned_v2({}) : kAlice.presigned({});
  if (in_front) {
    request.target.insert(request.target.find('?') + 1, c.more + "&");
  } else {
    request.target += "&" + c.more;
  }
  for (const bool strict : {false, true}) {
    CHECK(sender(request, options_with(strict)) ==
          (c.version2 ? "AccessDenied" : "AuthorizationQueryParametersError"));
  }
}

TEST_CASE("strict mode: a version 2 URL cannot be made another operation") {
  const S3Service::Options strict = options_with(true);
  const std::string name = GENERATE(as<std::string>(), "attributes", "intelligent-tiering",
                                    "metadataConfiguration", "metadataTable", "ownershipControls",
                                    "policyStatus", "publicAccessBlock", "renameObject", "session");
  CAPTURE(name);
  const bool presigned = GENERATE(false, true);
  Request request = presigned ? kAlice.presigned_v2({}) : kAlice.version2({});
  CHECK(sender(request, strict) == "111111111111");
  request.target += (presigned ? "&" : "?") + name;
  CHECK(sender(request, strict) == "AccessDenied");
  CHECK(sender(kAlice({.target = "/bucket/key?" + name}), strict) == "111111111111");
}

TEST_CASE("strict mode: presigned URLs expire and have a beginning") {
  StrictFixture s3;
  const auto code_after = [&](std::int64_t seconds, const Request& request) {
    s3.clock.turn_to(kAlice.time.plus_seconds(seconds));
    return s3.send(request).element("Code");
  };
  CHECK(code_after(59, kAlice.presigned({})) == "(none)");
  CHECK(code_after(60, kAlice.presigned({})) == "AccessDenied");
  CHECK(code_after(-900, kAlice.presigned({})) == "(none)");
  CHECK(code_after(-901, kAlice.presigned({})) == "AccessDenied");
  CHECK(code_after(60, kAlice.presigned_v2({})) == "(none)");
  CHECK(code_after(61, kAlice.presigned_v2({})) == "AccessDenied");
}

}  // namespace tidemark::s3emu::signing
