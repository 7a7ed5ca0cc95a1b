#include "tests/unit/s3emu/rest/signing.h"

namespace tidemark::s3emu::signing {

TEST_CASE("callers in strict and in open mode") {
  const S3Service::Options strict = options_with(true);
  const S3Service::Options open = options_with(false);
  const Signer stranger{.access_key = "AKWHO"};
  const Signer impostor{.secret_key = "bob's"};
  struct Case {
    const char* why;
    Request request;
    std::string in_strict, in_open;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"header", kAlice({}), "111111111111", "111111111111"},
      {"an access key with a slash", kBob({}), "222222222222", "222222222222"},
      {"presigned", kBob.presigned({}), "222222222222", "222222222222"},
      {"version 2", kAlice.version2({}), "111111111111", "111111111111"},
      {"presigned, version 2", kBob.presigned_v2({}), "222222222222", "222222222222"},
      {"nobody", {}, "anonymous", "000000000000"},
      {"a stranger", stranger({}), "InvalidAccessKeyId", "000000000000"},
      {"a stranger, presigned", stranger.presigned({}), "InvalidAccessKeyId", "000000000000"},
      {"a stranger, version 2", stranger.version2({}), "InvalidAccessKeyId", "000000000000"},
      {"a stranger, presigned, version 2", stranger.presigned_v2({}), "InvalidAccessKeyId", "000000000000"},
      {"an impostor", impostor({}), "SignatureDoesNotMatch", "111111111111"},
      {"an impostor, presigned", impostor.presigned({}), "SignatureDoesNotMatch", "111111111111"},
      {"an impostor, version 2", impostor.version2({}), "SignatureDoesNotMatch", "111111111111"},
      {"an impostor, presigned, version 2", impostor.presigned_v2({}), "SignatureDoesNotMatch",
       "111111111111"},
  }));
  INFO(c.why);
  CHECK(sender(c.request, strict) == c.in_strict);
  CHECK(sender(c.request, open) == c.in_open);
}

TEST_CASE("strict mode: requests with something changed are refused") {
  StrictFixture s3;
  struct Case {
    const char* why;
    std::function<void(Request*)> change;
    std::string code;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", [](Request*) {}, "(none)"},
      {"method", [](Request* r) { r->method = "POST"; }, "SignatureDoesNotMatch"},
      {"path", [](Request* r) { r->target += "2"; }, "SignatureDoesNotMatch"},
      {"query", [](Request* r) { r->target += "?acl"; }, "SignatureDoesNotMatch"},
      {"host", [](Request* r) { r->header("Host") = "localhost:8000"; }, "SignatureDoesNotMatch"},
      {"a signed header", [](Request* r) { r->header("x-amz-meta-a") = "2"; }, "SignatureDoesNotMatch"},
      {"one header missing", [](Request* r) { r->remove("x-amz-meta-a"); }, "SignatureDoesNotMatch"},
      {"a second value", [](Request* r) { r->headers.emplace_back("x-amz-meta-a", "2"); },
       "SignatureDoesNotMatch"},
      {"one header more", [](Request* r) { r->headers.emplace_back("x-amz-acl", "public-read"); },
       "AccessDenied"},
      {"a header that need not be signed",
       [](Request* r) { r->headers.emplace_back("Content-Language", "de"); }, "(none)"},
      {"body", [](Request* r) { r->body = "HELLO"; }, "XAmzContentSHA256Mismatch"},
      {"digest of the body", [](Request* r) { r->header("x-amz-content-sha256") = std::string(64, '0'); },
       "SignatureDoesNotMatch"},
      {"the body as unsigned", [](Request* r) { r->header("x-amz-content-sha256") = "UNSIGNED-PAYLOAD"; },
       "SignatureDoesNotMatch"},
      {"no digest", [](Request* r) { r->remove("x-amz-content-sha256"); }, "InvalidRequest"},
      {"time", [](Request* r) { r->header("x-amz-date").replace(13, 2, "59"); }, "SignatureDoesNotMatch"},
      {"no time", [](Request* r) { r->remove("x-amz-date"); }, "AccessDenied"},
      {"no time at all", [](Request* r) { r->header("x-amz-date") = "now"; }, "AccessDenied"},
      {"another day", [](Request* r) { r->header("x-amz-date").replace(6, 2, "22"); },
       "AuthorizationHeaderMalformed"},
      {"region",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("eu-west-1"), 9, "eu-west-2");
       },
       "SignatureDoesNotMatch"},
      {"service",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("/s3/"), 4, "/s4/");
       },
       "AuthorizationHeaderMalformed"},
      {"terminator",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("aws4_request"), 12, "aws5_request");
       },
       "AuthorizationHeaderMalformed"},
      {"access key",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("AKALICE"), 7, "AKALICF");
       },
       "InvalidAccessKeyId"},
      {"another's access key",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("AKALICE"), 7, "AK/BOB");
       },
       "SignatureDoesNotMatch"},
      {"host left out of the list",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("host;"), 5, "");
       },
       "AccessDenied"},
      {"a name twice in the list",
       [](Request* r) {
         auto& header = r->header("Authorization");
         header.replace(header.find("host;"), 5, "host;host;");
       },
       "AuthorizationHeaderMalformed"},
      {"signature", [](Request* r) { r->header("Authorization").back() ^= 1; }, "SignatureDoesNotMatch"},
      {"half a signature",
       [](Request* r) { r->header("Authorization").resize(r->header("Authorization").size() - 32); },
       "SignatureDoesNotMatch"},
      {"no credentials", [](Request* r) { r->remove("Authorization"); }, "AccessDenied"},
      {"credentials twice", [](Request* r) { r->target += "?X-Amz-Algorithm=AWS4-HMAC-SHA256"; },
       "InvalidArgument"},
      {"another scheme", [](Request* r) { r->header("Authorization") = "Bearer token"; }, "InvalidArgument"},
      {"nonsense", [](Request* r) { r->header("Authorization") = "AWS4-HMAC-SHA256"; },
       "AuthorizationHeaderMalformed"},
  }));
  INFO(c.why);
  Request request =
      kAlice({.method = "PUT", .target = "/bucket/new", .headers = {{"x-amz-meta-a", "1"}}, .body = "hello"});
  c.change(&request);
  const Answer answer = s3.send(request);
  INFO(answer.body);
  CHECK(answer.element("Code") == c.code);
  if (c.code == "(none)") return;
  CHECK(s3.send(kAlice({.target = "/bucket/new"})).status == 404);
}

TEST_CASE("strict mode: a form is not signed as a request") {
  StrictFixture s3;
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nnew\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--b--\r\n";
  const Request form{.method = "POST",
                     .target = "/bucket",
                     .headers = {{"Content-Type", "multipart/form-data; boundary=b"}},
                     .body = body};
  const int way = GENERATE(0, 1, 2, 3);
  CAPTURE(way);
  Request request = way == 0   ? kAlice(form)
                    : way == 1 ? kAlice.presigned(form)
                    : way == 2 ? kAlice.version2(form)
                               : kAlice.presigned_v2(form);
  CHECK(s3.send(request).element("Code") == "InvalidArgument");
  request.body.replace(request.body.find("hello"), 5, "HELLO");
  CHECK(s3.send(request).element("Code") == "InvalidArgument");
  CHECK(s3.send(kAlice({.target = "/bucket/new"})).status == 404);
}

TEST_CASE("strict mode: version 2 requests with something changed are refused") {
  StrictFixture s3;
  struct Case {
    const char* why;
    std::function<void(Request*)> change;
    std::string code;
  };
  const bool presigned = GENERATE(false, true);
  const auto c = GENERATE(values<Case>({
      {"nothing", [](Request*) {}, "(none)"},
      {"method", [](Request* r) { r->method = "DELETE"; }, "SignatureDoesNotMatch"},
      {"path", [](Request* r) { r->target.replace(0, 11, "/bucket/kez"); }, "SignatureDoesNotMatch"},
      {"a sub-resource",
       [](Request* r) { r->target += r->target.find('?') == std::string::npos ? "?acl" : "&acl"; },
       "SignatureDoesNotMatch"},
      {"a header", [](Request* r) { r->headers.emplace_back("x-amz-acl", "private"); },
       "SignatureDoesNotMatch"},
      {"a content type", [](Request* r) { r->headers.emplace_back("Content-Type", "text/html"); },
       "SignatureDoesNotMatch"},
      {"signed chunks nobody can verify",
       [](Request* r) {
         r->headers.emplace_back("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
       },
       "SignatureDoesNotMatch"},
  }));
  INFO(c.why);
  CAPTURE(presigned);
  Request request = presigned ? kAlice.presigned_v2({}) : kAlice.version2({});
  c.change(&request);
  CHECK(s3.send(request).element("Code") == c.code);
}

TEST_CASE("strict mode: version 2 headers must be well-formed") {
  StrictFixture s3;
  Request request = kAlice.version2({});
  SECTION("no signature") {
    request.header("Authorization") = "AWS AKALICE";
    CHECK(s3.send(request).element("Code") == "InvalidArgument");
  }
  SECTION("no date") {
    request.remove("Date");
    CHECK(s3.send(request).element("Code") == "AccessDenied");
  }
  SECTION("signed chunks") {
    const Request chunked = kAlice.version2(
        {.method = "PUT", .headers = {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}}});
    CHECK(s3.send(chunked).element("Code") == "InvalidRequest");
  }
}

TEST_CASE("a wrong signature is explained") {
  StrictFixture s3;
  const Signer impostor{.secret_key = "bob's"};
  const Answer answer = s3.send(impostor({.headers = {{"x-amz-meta-a", "\xff\x01<"}}}));
  CHECK(answer.status == 403);
  CHECK(answer.element("AWSAccessKeyId") == "AKALICE");
  CHECK(answer.element("StringToSign").starts_with("AWS4-HMAC-SHA256\n20260921T"));
  CHECK(answer.element("StringToSignBytes").starts_with("41 57 53 34 2d "));
  CHECK(answer.element("CanonicalRequest").starts_with("GET\n/bucket/key\n\nhost:127.0.0.1:8000\n"));
  CHECK(answer.element("CanonicalRequestBytes").starts_with("47 45 54 0a 2f "));
  CHECK(answer.element("SignatureProvided").size() == 64);
  CHECK(answer.element("Resource") == "/bucket/key");

  const Answer stranger = s3.send(Signer{.access_key = "AKWHO"}({}));
  CHECK(stranger.status == 403);
  CHECK(stranger.element("AWSAccessKeyId") == "AKWHO");

  const Answer version2 = s3.send(impostor.version2({}));
  CHECK(version2.element("StringToSign") == "GET\n\n\n" + format_http_date(kAlice.time) + "\n/bucket/key");
  CHECK(version2.element("CanonicalRequest") == "(none)");

  const Answer unsigned_header = [&] {
    Request request = kAlice({});
    request.headers.emplace_back("X-Amz-Tagging", "a=b");
    request.headers.emplace_back("x-amz-acl", "private");
    return s3.send(request);
  }();
  CHECK(unsigned_header.element("HeadersNotSigned") == "x-amz-acl, x-amz-tagging");
}

TEST_CASE("strict mode: the clocks must agree") {
  StrictFixture s3;
  struct Case {
    const char* why;
    std::int64_t seconds;  // of the server's clock ahead of the client's
    std::string code;
  };
  const auto c = GENERATE(values<Case>({
      {"the client a little ahead", -900, "(none)"},
      {"the client too far ahead", -901, "RequestTimeTooSkewed"},
      {"the client a little behind", 900, "(none)"},
      {"the client too far behind", 901, "RequestTimeTooSkewed"},
      {"the client in another century", 4'000'000'000, "RequestTimeTooSkewed"},
  }));
  INFO(c.why);
  const bool version2 = GENERATE(false, true);
  s3.clock.advance_seconds(c.seconds);
  const Answer answer = s3.send(version2 ? kAlice.version2({}) : kAlice({}));
  CHECK(answer.element("Code") == c.code);
  if (c.code == "(none)") return;
  CHECK(answer.status == 403);
  CHECK(answer.element("RequestTime") ==
        (version2 ? format_http_date(kAlice.time) : format_basic_time(kAlice.time)));
  CHECK(answer.element("ServerTime") == format_iso_seconds(s3.clock.now()));
  CHECK(answer.element("MaxAllowedSkewMilliseconds") == "900000");
}

TEST_CASE("strict mode: any time will do when nobody minds") {
  RestFixture s3(options_with(true, 0));
  s3.clock.advance_seconds(-500'000);
  const Request request = kAlice({.method = "PUT", .target = "/bucket"});
  CHECK(s3.send(request.method, request.target, request.headers).status == 200);
  const Request early = kAlice.presigned({.target = "/bucket"});
  CHECK(s3.send(early.method, early.target, early.headers).status == 200);
}

}  // namespace tidemark::s3emu::signing
