#include "s3emu/rest/core/signatures.h"

#include <algorithm>

#include "base/auth/sigv2.h"
#include "base/bytes.h"
#include "s3emu/rest/core/credentials.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

constexpr const char* kKeys =
    "[alice]\naws_access_key_id = AKALICE\naws_secret_access_key = alice's\naccount_id = 111111111111\n"
    "[bob]\naws_access_key_id = AK/BOB\naws_secret_access_key = bob's\naccount_id = 222222222222\n";
const std::string kHost = "127.0.0.1:8000";

S3Service::Options options_with(bool strict, std::int64_t skew_seconds_max = 900) {
  S3Service::Options options;
  auto list = auth::CredentialList::parse(kKeys, "keys", options.owner);
  INVARIANT(list.has_value());
  options.authority = std::make_shared<const auth::Authority>(
      auth::Authority::Options{.strict = strict, .skew_seconds_max = skew_seconds_max}, std::move(*list));
  return options;
}

struct Request {
  std::string method = "GET";
  std::string target = "/bucket/key";
  NamedValues headers = {};
  std::string body = {};

  [[nodiscard]] http::RequestHead head() const {
    http::RequestHead out;
    out.method = method;
    out.target = target;
    for (const auto& [name, value] : headers) out.headers.add(name, value);
    out.content_length = body.size();
    return out;
  }
  std::string& header(std::string_view name) {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    INVARIANT(found != headers.end());
    return found->second;
  }
  void remove(std::string_view name) {
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  }
};

struct Signer {
  std::string access_key = "AKALICE";
  std::string secret_key = "alice's";
  std::string region = "eu-west-1";
  std::string service = "s3";
  Timestamp time = Timestamp::from_seconds(1'790'000'000);

  [[nodiscard]] auth::SigV4 sigv4() const {
    const std::string text = format_basic_time(time);
    return {.scope = {access_key, text.substr(0, 8), region, service, "aws4_request"},
            .time = text,
            .signed_headers = {},
            .payload = {},
            .signature = {}};
  }
  void complete(const http::RequestHead& head, auth::SigV4* sigv4) const {
    sigv4->signature = auth::signature_of(
        auth::signing_key(secret_key, sigv4->scope),
        auth::string_to_sign(*sigv4, auth::canonical_request(head, *sigv4, auth::UriForm::kDecodedOnce)));
  }

  // Signs all headers, and the body.
  Request operator()(Request request, auth::SigV4* signed_as = nullptr) const {
    auth::SigV4 out = sigv4();
    request.headers.emplace_back("Host", kHost);
    request.headers.emplace_back("x-amz-date", out.time);
    if (!request.head().headers.find("x-amz-content-sha256")) {
      request.headers.emplace_back("x-amz-content-sha256",
                                   to_hex(digest_of(DigestAlgorithm::kSha256, request.body)));
    }
    for (const auto& [name, value] : request.headers) out.signed_headers.push_back(name);
    for (std::string& name : out.signed_headers) {
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    }
    std::sort(out.signed_headers.begin(), out.signed_headers.end());
    out.payload = request.header("x-amz-content-sha256");
    complete(request.head(), &out);
    std::string names;
    for (const std::string& name : out.signed_headers) names.append(names.empty() ? "" : ";").append(name);
    request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/" +
                                                      out.scope.text() + ", SignedHeaders=" + names +
                                                      ", Signature=" + out.signature);
    if (signed_as != nullptr) *signed_as = out;
    return request;
  }

  Request presigned(Request request, const std::string& expires = "60") const {
    return presigned_as(std::move(request), std::string(auth::kUnsignedPayload), expires);
  }
  // With the digest of the body in the query.
  [[nodiscard]] Request presigned_body(Request request, const std::string& payload) const {
    request.target += "?X-Amz-Content-Sha256=" + payload;
    return presigned_as(std::move(request), payload, "60");
  }
  [[nodiscard]] Request presigned_as(Request request, const std::string& payload,
                                     const std::string& expires) const {
    auth::SigV4 out = sigv4();
    out.signed_headers = {"host"};
    out.payload = payload;
    request.headers.emplace_back("Host", kHost);
    request.target += request.target.find('?') == std::string::npos ? '?' : '&';
    request.target += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                      http::percent_encode(access_key + "/" + out.scope.text(), false) +
                      "&X-Amz-Date=" + out.time + "&X-Amz-Expires=" + expires + "&X-Amz-SignedHeaders=host";
    complete(request.head(), &out);
    request.target += "&X-Amz-Signature=" + out.signature;
    return request;
  }

  [[nodiscard]] Request version2(Request request) const {
    request.headers.emplace_back("Host", kHost);
    request.headers.emplace_back("Date", format_http_date(time));
    const std::string text = auth::string_to_sign_v2(request.head(), "", auth::SigV2Form::kHeader);
    request.headers.emplace_back("Authorization",
                                 "AWS " + access_key + ":" + auth::signature_v2(secret_key, text));
    return request;
  }

  [[nodiscard]] Request presigned_v2(Request request, std::int64_t seconds = 60) const {
    request.headers.emplace_back("Host", kHost);
    request.target += request.target.find('?') == std::string::npos ? '?' : '&';
    request.target += "AWSAccessKeyId=" + http::percent_encode(access_key, false) +
                      "&Expires=" + std::to_string(time.seconds() + seconds);
    const std::string text = auth::string_to_sign_v2(request.head(), "", auth::SigV2Form::kQuery);
    request.target += "&Signature=" + http::percent_encode(auth::signature_v2(secret_key, text), false);
    return request;
  }
};

const Signer kAlice;
const Signer kBob{.access_key = "AK/BOB", .secret_key = "bob's"};

class StrictFixture : public RestFixture {
 public:
  StrictFixture() : RestFixture(options_with(true)) {
    INVARIANT(send(kAlice({.method = "PUT", .target = "/bucket"})).status == 200);
    INVARIANT(send(kAlice({.method = "PUT", .target = "/bucket/key", .body = "hello"})).status == 200);
  }

  using RestFixture::send;
  Answer send(const Request& request, std::size_t piece = SIZE_MAX) {
    return send(request.method, request.target, request.headers, request.body, piece);
  }
};

// Who sends it, as `<account id>`, `anonymous` or the code of the error.
std::string sender(const Request& request, const S3Service::Options& options) {
  auto parsed = parse_request(request.head(), options.base_domains);
  INVARIANT(parsed.has_value());
  const auto identified = identify(&*parsed, options, kAlice.time);
  if (!identified) return identified.error().code;
  return parsed->caller.anonymous ? "anonymous" : parsed->caller.account.id;
}

}  // namespace

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
    Request request = put("Content-MD5=" + http::percent_encode(md5, false));
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

namespace {

struct ChunkedUpload {
  Request request;
  auth::SigV4 sigv4;
};

// An upload in signed chunks of these bytes.
ChunkedUpload chunked_upload(const std::vector<std::string>& chunks, const std::string& trailer) {
  const std::string payload =
      trailer.empty() ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  std::size_t size = 0;
  for (const std::string& chunk : chunks) size += chunk.size();
  Request request{
      .method = "PUT",
      .target = "/bucket/new",
      .headers = {{"x-amz-content-sha256", payload}, {"x-amz-decoded-content-length", std::to_string(size)}}};
  if (!trailer.empty()) request.headers.emplace_back("x-amz-trailer", "x-amz-checksum-crc32");
  ChunkedUpload out;
  out.request = kAlice(std::move(request), &out.sigv4);
  const std::string key = auth::signing_key(kAlice.secret_key, out.sigv4.scope);
  const std::string context = out.sigv4.time + "\n" + out.sigv4.scope.text() + "\n";
  const auto sha256 = [](std::string_view bytes) {
    return to_hex(digest_of(DigestAlgorithm::kSha256, bytes));
  };
  std::string previous = out.sigv4.signature;
  for (const std::string& chunk : chunks) {
    previous = auth::signature_of(
        key, "AWS4-HMAC-SHA256-PAYLOAD\n" + context + previous + "\n" + sha256("") + "\n" + sha256(chunk));
    char size_hex[17];
    std::snprintf(size_hex, sizeof size_hex, "%zx", chunk.size());
    out.request.body += size_hex + (";chunk-signature=" + previous) + "\r\n" + chunk;
    if (!chunk.empty()) out.request.body += "\r\n";
  }
  if (!trailer.empty()) {
    previous = auth::signature_of(key, "AWS4-HMAC-SHA256-TRAILER\n" + context + previous + "\n" +
                                           sha256("x-amz-checksum-crc32:" + trailer + "\n"));
    out.request.body +=
        "x-amz-checksum-crc32:" + trailer + "\r\nx-amz-trailer-signature:" + previous + "\r\n";
  }
  out.request.body += "\r\n";
  return out;
}

}  // namespace

TEST_CASE("strict mode: each chunk of a body is verified") {
  StrictFixture s3;
  struct Case {
    const char* why;
    bool trailer;
    std::string from, to;  // in the body
    std::string code;
  };
  const std::string hello_crc32 = "NhCmhg==";
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", false, "", "", "(none)"},
      {"nothing, with a trailer", true, "", "", "(none)"},
      {"bytes of the first chunk", false, "hel", "heL", "SignatureDoesNotMatch"},
      {"bytes of the second chunk", false, "lo\r", "lO\r", "SignatureDoesNotMatch"},
      {"a size", false, "3;", "4;", "SignatureDoesNotMatch"},
      {"a signature", true, ";chunk-signature=", ";chunk-signature=0", "SignatureDoesNotMatch"},
      {"no signature", false, ";chunk-signature=", ";chunk=", "IncompleteBody"},
      {"another extension as well", false, ";chunk-signature=", ";a=b; chunk-signature = ", "(none)"},
      {"the end left out", false, "0;", "", "IncompleteBody"},
      {"value of the trailer", true, hello_crc32, "AAAAAA==", "SignatureDoesNotMatch"},
      {"signature of the trailer", true, "x-amz-trailer-signature:", "x-amz-trailer-signature:0",
       "SignatureDoesNotMatch"},
      {"no signature of the trailer", true,
       "x-amz-trailer-signature:", "x-amz-signature:", "MalformedTrailerError"},
      {"a trailer nobody signed", false, "\r\n\r\n", "\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
       "MalformedTrailerError"},
  }));
  INFO(c.why);
  const std::size_t piece = GENERATE(1, 7, 1000);
  Request request = chunked_upload({"hel", "lo", ""}, c.trailer ? hello_crc32 : "").request;
  const std::size_t at = c.from == "\r\n\r\n" ? request.body.rfind(c.from) : request.body.find(c.from);
  REQUIRE(at != std::string::npos);
  request.body.replace(at, c.from.size(), c.to);
  const Answer answer = s3.send(request, piece);
  INFO(answer.body);
  CHECK(answer.element("Code") == c.code);
  const Answer stored = s3.send(kAlice({.target = "/bucket/new"}));
  CHECK(stored.status == (c.code == "(none)" ? 200 : 404));
  if (c.code == "(none)") CHECK(stored.body == "hello");
}

TEST_CASE("strict mode: the chunks of one request do not fit another") {
  StrictFixture s3;
  const ChunkedUpload first = chunked_upload({"hello", ""}, "");
  Request second = Signer{.time = kAlice.time.plus_seconds(1)}(
      {.method = "PUT",
       .target = "/bucket/new",
       .headers = {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                   {"x-amz-decoded-content-length", "5"}}});
  second.body = first.request.body;
  CHECK(s3.send(second).element("Code") == "SignatureDoesNotMatch");
}

TEST_CASE("the policies of forms are signed") {
  const S3Service::Options strict = options_with(true);
  const S3Service::Options open = options_with(false);
  const std::string policy = "eyJjb25kaXRpb25zIjpbXX0=";
  const auth::SigV4 sigv4 = kAlice.sigv4();
  const NamedValues version4 = {
      {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
      {"x-amz-credential", "AKALICE/" + sigv4.scope.text()},
      {"x-amz-date", sigv4.time},
      {"x-amz-signature", auth::signature_of(auth::signing_key(kAlice.secret_key, sigv4.scope), policy)}};
  const NamedValues version2 = {{"awsaccesskeyid", "AK/BOB"},
                                {"signature", auth::signature_v2(kBob.secret_key, policy)}};
  CHECK(identify_form(version4, policy, strict)->account.id == "111111111111");
  CHECK(identify_form(version2, policy, strict)->account.id == "222222222222");
  CHECK(identify_form(version4, "another", open)->account.id == "111111111111");
  CHECK(identify_form(version2, "another", open)->account.id == "222222222222");
  CHECK(identify_form({}, policy, open)->account.id == "000000000000");
  CHECK(identify_form(version4, "another", strict).error().code == "SignatureDoesNotMatch");
  CHECK(identify_form(version2, "another", strict).error().code == "SignatureDoesNotMatch");

  struct Case {
    std::size_t field;
    std::string value, code;
  };
  const auto c = GENERATE(values<Case>({
      {0, "AWS4-HMAC-SHA512", "InvalidArgument"},
      {1, "AKALICE/20260921/eu-west-1/s3", "InvalidArgument"},
      {1, "AKALICE/20260921/eu-west-1/s4/aws4_request", "InvalidArgument"},
      {1, "AKALICE/20260922/eu-west-1/s3/aws4_request", "InvalidArgument"},
      {1, "AKALICE/20260921/eu-west-2/s3/aws4_request", "SignatureDoesNotMatch"},
      {1, "AKWHO/20260921/eu-west-1/s3/aws4_request", "InvalidAccessKeyId"},
      {2, "today", "InvalidArgument"},
      {3, "", "SignatureDoesNotMatch"},
  }));
  INFO(c.value);
  NamedValues fields = version4;
  fields[c.field].second = c.value;
  const auto caller = identify_form(fields, policy, strict);
  REQUIRE_FALSE(caller.has_value());
  CHECK(caller.error().code == c.code);
}

}  // namespace tidemark::s3emu
