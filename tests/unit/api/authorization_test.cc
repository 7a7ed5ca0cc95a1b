#include "api/front/authorization.h"

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

const Settings kSettings{};
constexpr Timestamp kNow = Timestamp::from_seconds(1'767'225'600);  // 2026-01-01T00:00:00Z
constexpr const char* kScope = "AKIDEXAMPLE/20260101/eu-west-2/dynamodb/aws4_request";

http::RequestHead head_with(const std::string& authorization, const std::string& target = "/") {
  http::RequestHead head;
  head.method = "POST";
  head.target = target;
  if (!authorization.empty()) head.headers.add("authorization", authorization);
  return head;
}

std::string header_with(const std::string& credential) {
  return "AWS4-HMAC-SHA256 Credential=" + credential + ", SignedHeaders=host;x-amz-date, Signature=abc";
}

}  // namespace

TEST_CASE("region and account come from the credential scope") {
  struct Case {
    const char* credential;
    const char* account_id;
    const char* region;
  };
  const auto c = GENERATE(values<Case>({
      {kScope, "000000000000", "eu-west-2"},
      {"123456789012/20260101/us-east-1/dynamodb/aws4_request", "123456789012", "us-east-1"},
      {"12345678901/20260101/us-east-1/dynamodb/aws4_request", "000000000000", "us-east-1"},
      {"12345678901x/20260101/local/dynamodb/aws4_request", "000000000000", "local"},
      {"a/20260101/LOCAL/dynamodb/aws4_request", "000000000000", "LOCAL"},
      {"a/20260101/fakeRegion/dynamodb/aws4_request", "000000000000", "fakeRegion"},
      {"a/20260101/us_east_1/dynamodb/aws4_request", "000000000000", "us_east_1"},
      {"a/20260101/*/dynamodb/aws4_request", "000000000000", "*"},
      // The clock of a test, no key, no region, the name of another service
      {"a/19700101/us-east-1/dynamodb/aws4_request", "000000000000", "us-east-1"},
      {"/20260101/us-east-1/dynamodb/aws4_request", "000000000000", "us-east-1"},
      {"a/20260101//dynamodb/aws4_request", "000000000000", "us-east-1"},
      {"a/20260101/us-east-1/dynamodbstreams/aws4_request", "000000000000", "us-east-1"},
  }));
  INFO(c.credential);
  auto head = head_with(header_with(c.credential));
  head.headers.add("X-Amz-Date", "20260101T000000Z");
  const auto owner = authorize(head, "", kSettings, kNow);
  REQUIRE(owner.has_value());
  CHECK(owner->account_id == c.account_id);
  CHECK(owner->region == c.region);
}

TEST_CASE("parameters may be separated by commas alone and stand in the query") {
  auto head =
      head_with("AWS4-HMAC-SHA256 Credential=" + std::string(kScope) + ",SignedHeaders=a,Signature=b");
  head.headers.add("date", "Thu, 01 Jan 2026 00:00:00 GMT");
  CHECK(authorize(head, "", kSettings, kNow).has_value());

  const auto by_query =
      head_with("",
                "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260101%2Fus-west-1%2Fdynamodb%2F"
                "aws4_request&X-Amz-Signature=b&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z");
  const auto owner = authorize(by_query, "", kSettings, kNow);
  REQUIRE(owner.has_value());
  CHECK(owner->region == "us-west-1");
}

TEST_CASE("what is missing is named") {
  struct Case {
    std::string authorization;
    std::string target;
    ErrorType type;
    std::string message;
  };
  const auto c = GENERATE(values<Case>({
      {"", "/", ErrorType::kMissingAuthenticationToken, "Request is missing Authentication Token"},
      {"Basic abc", "/", ErrorType::kMissingAuthenticationToken, "Request is missing Authentication Token"},
      {"AWS4-", "/", ErrorType::kIncompleteSignature,
       "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
       "parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires "
       "existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-"},
      {"AWS4-HMAC-SHA256 Credential=" + std::string(kScope) + ", SignedHeaders=a", "/",
       ErrorType::kIncompleteSignature,
       "Authorization header requires 'Signature' parameter. Authorization header requires existence of "
       "either "
       "a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Credential=" +
           std::string(kScope) + ", SignedHeaders=a"},
      {header_with(kScope), "/?X-Amz-Algorithm=x", ErrorType::kInvalidSignature,
       "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
      {"", "/?X-Amz-Algorithm=x&X-Amz-Date=d&X-Amz-Signature=s", ErrorType::kIncompleteSignature,
       "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must "
       "include "
       "'X-Amz-SignedHeaders'. Re-examine the query-string parameters."},
  }));
  const auto owner = authorize(head_with(c.authorization, c.target), "", kSettings, kNow);
  REQUIRE_FALSE(owner.has_value());
  CHECK(owner.error().type == c.type);
  CHECK(owner.error().message == c.message);
}

TEST_CASE("a credential scope has five elements, and no region that ARNs could not hold") {
  for (const char* const credential : {"a/b/c/d", "a/b/c/d/e/f", "", "a//////////"}) {
    auto head = head_with(header_with(credential));
    head.headers.add("X-Amz-Date", "20260101T000000Z");
    const auto owner = authorize(head, "", kSettings, kNow);
    REQUIRE_FALSE(owner.has_value());
    CHECK(owner.error().message ==
          "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
          "'" +
              std::string(credential) + "'");
  }
  auto head = head_with(header_with("a/20260101/us:east/dynamodb/aws4_request"));
  head.headers.add("X-Amz-Date", "20260101T000000Z");
  CHECK_FALSE(authorize(head, "", kSettings, kNow).has_value());
}

TEST_CASE("authorization can be made optional") {
  Settings settings;
  settings.require_authorization = false;
  settings.region = "ap-south-1";
  const auto owner = authorize(head_with(""), "", settings, kNow);
  REQUIRE(owner.has_value());
  CHECK(owner->account_id == "000000000000");
  CHECK(owner->region == "ap-south-1");
}

namespace {

Settings settings_with(bool strict, std::int64_t skew_seconds_max = 900) {
  Settings settings;
  auto list = auth::CredentialList::parse(
      "[alice]\naws_access_key_id = AKALICE\naws_secret_access_key = alice's\naccount_id = 111111111111\n"
      "[bob]\naws_access_key_id = AK/BOB\naws_secret_access_key = bob's\naccount_id = 222222222222\n",
      "keys", {});
  REQUIRE(list.has_value());
  settings.authority = std::make_shared<const auth::Authority>(
      auth::Authority::Options{.strict = strict, .skew_seconds_max = skew_seconds_max}, std::move(*list));
  return settings;
}

struct Signed {
  std::string access_key = "AKALICE", secret_key = "alice's";
  std::string date = "20260101", region = "eu-west-2", service = "dynamodb", terminator = "aws4_request";
  std::string time = "20260101T000000Z";
  std::string algorithm = "AWS4-HMAC-SHA256";
  std::vector<std::string> names = {"host", "x-amz-date", "x-amz-target"};
  std::string body = "{}";

  [[nodiscard]] auth::SigV4 sigv4() const {
    return {{access_key, date, region, service, terminator},
            time,
            names,
            to_hex(digest_of(DigestAlgorithm::kSha256, body)),
            ""};
  }
  [[nodiscard]] http::RequestHead plain_head() const {
    http::RequestHead out = head_with("");
    out.headers.add("Host", "localhost:8000");
    out.headers.add("X-Amz-Target", "DynamoDB_20120810.GetItem");
    return out;
  }
  [[nodiscard]] std::string sign(const http::RequestHead& head) const {
    const auth::SigV4 parts = sigv4();
    return auth::signature_of(
        auth::signing_key(secret_key, parts.scope),
        auth::string_to_sign(parts, auth::canonical_request(head, parts, auth::UriForm::kNormalized)));
  }
  [[nodiscard]] http::RequestHead head() const {
    http::RequestHead out = plain_head();
    out.headers.add("X-Amz-Date", time);
    std::string list;
    for (const std::string& name : names) list.append(list.empty() ? "" : ";").append(name);
    out.headers.add("Authorization", algorithm + " Credential=" + access_key + "/" + sigv4().scope.text() +
                                         ", SignedHeaders=" + list + ", Signature=" + sign(out));
    return out;
  }
  [[nodiscard]] http::RequestHead presigned_head(const std::string& more = "") const {
    http::RequestHead out = plain_head();
    out.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                 http::percent_encode(access_key + "/" + sigv4().scope.text(), http::Slash::kEncoded) +
                 "&X-Amz-Date=" + time + "&X-Amz-SignedHeaders=host%3Bx-amz-target" + more;
    Signed signer = *this;
    signer.names = {"host", "x-amz-target"};
    out.target += "&X-Amz-Signature=" + signer.sign(out);
    return out;
  }
};

constexpr const char* kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details.";

}  // namespace

TEST_CASE("strict mode: the account is that of the key") {
  const Settings strict = settings_with(true);
  const Signed bob{.access_key = "AK/BOB", .secret_key = "bob's"};
  for (const http::RequestHead& head :
       {Signed().head(), Signed().presigned_head(), Signed().presigned_head("&X-Amz-Expires=60")}) {
    const auto owner = authorize(head, "{}", strict, kNow);
    INFO((owner ? "" : owner.error().message));
    REQUIRE(owner.has_value());
    CHECK(owner->account_id == "111111111111");
    CHECK(owner->region == "eu-west-2");
  }
  const auto owner = authorize(bob.head(), "{}", strict, kNow);
  REQUIRE(owner.has_value());
  CHECK(owner->account_id == "222222222222");
}

TEST_CASE("open mode: a known access key means its account, whatever the signature") {
  const Settings open = settings_with(false);
  CHECK(authorize(Signed{.secret_key = "wrong"}.head(), "", open, kNow)->account_id == "111111111111");
  CHECK(authorize(Signed{.access_key = "AK/BOB"}.head(), "", open, kNow)->account_id == "222222222222");
  CHECK(authorize(Signed{.access_key = "AKWHO"}.head(), "", open, kNow)->account_id == "000000000000");
  CHECK(authorize(Signed{.access_key = "333333333333"}.head(), "", open, kNow)->account_id == "333333333333");
}

TEST_CASE("strict mode: what is wrong is said in the words of the service") {
  struct Case {
    const char* why;
    Signed request;
    ErrorType type;
    std::string message;
  };
  const auto c = GENERATE(values<Case>({
      {"unknown key",
       {.access_key = "AKWHO"},
       ErrorType::kUnrecognizedClient,
       "The security token included in the request is invalid."},
      {"an account id is no key here",
       {.access_key = "123456789012"},
       ErrorType::kUnrecognizedClient,
       "The security token included in the request is invalid."},
      {"an unknown key with slashes",
       {.access_key = "AK/WHO"},
       ErrorType::kIncompleteSignature,
       "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
       "'AK/WHO/20260101/eu-west-2/dynamodb/aws4_request'"},
      {"wrong secret", {.secret_key = "bob's"}, ErrorType::kInvalidSignature, kMismatch},
      {"another body", {.body = "{ }"}, ErrorType::kInvalidSignature, kMismatch},
      {"host not signed",
       {.names = {"x-amz-date"}},
       ErrorType::kInvalidSignature,
       "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
      {"the operation not signed",
       {.names = {"host", "x-amz-date"}},
       ErrorType::kInvalidSignature,
       "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."},
      {"algorithm",
       {.algorithm = "AWS4-HMAC-SHA512"},
       ErrorType::kIncompleteSignature,
       "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). "},
      {"scope",
       {.date = "20260102", .region = "EU", .service = "s3", .terminator = "aws5_request"},
       ErrorType::kInvalidSignature,
       "Credential should be scoped to a valid region, not 'EU'. Credential should be scoped to correct "
       "service: 'dynamodb'. Credential should be scoped with a valid terminator: 'aws4_request', not "
       "'aws5_request'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
       "HTTP: '20260102' != '20260101', from '20260101T000000Z'."},
      {"no date",
       {.time = "today"},
       ErrorType::kIncompleteSignature,
       "Date must be in ISO-8601 'basic format'. Got 'today'. See http://en.wikipedia.org/wiki/ISO_8601"},
      {"too early",
       {.date = "20251231", .time = "20251231T234459Z"},
       ErrorType::kInvalidSignature,
       "Signature expired: 20251231T234459Z is now earlier than 20251231T234500Z (20260101T000000Z - 15 "
       "min.)"},
      {"too late",
       {.time = "20260101T001501Z"},
       ErrorType::kInvalidSignature,
       "Signature not yet current: 20260101T001501Z is still later than 20260101T001500Z (20260101T000000Z + "
       "15 min.)"},
  }));
  INFO(c.why);
  const auto owner = authorize(c.request.head(), "{}", settings_with(true), kNow);
  REQUIRE_FALSE(owner.has_value());
  CHECK(owner.error().type == c.type);
  CHECK(owner.error().message.substr(0, owner.error().message.find("\n\n")) == c.message);
}

TEST_CASE("strict mode: a wrong signature is explained") {
  const auto owner = authorize(Signed{.secret_key = "bob's"}.head(), "{}", settings_with(true), kNow);
  REQUIRE_FALSE(owner.has_value());
  CHECK(owner.error().message ==
        std::string(kMismatch) +
            "\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:localhost:8000\n"
            "x-amz-date:20260101T000000Z\nx-amz-target:DynamoDB_20120810.GetItem\n\n"
            "host;x-amz-date;x-amz-target\n"
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'\n\nThe String-to-Sign should "
            "have been\n'AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/eu-west-2/dynamodb/aws4_request\n" +
            owner.error().message.substr(owner.error().message.size() - 66));
}

TEST_CASE("strict mode: clocks, presigned requests and none at all") {
  const Settings strict = settings_with(true);
  CHECK(authorize(Signed{.time = "20260101T001500Z"}.head(), "{}", strict, kNow).has_value());
  CHECK(authorize(Signed{.time = "20260101T230000Z"}.head(), "{}", settings_with(true, 0), kNow).has_value());
  CHECK(authorize(Signed().presigned_head("&X-Amz-Expires=60"), "{}", strict, kNow.plus_seconds(60)));
  CHECK(authorize(Signed().presigned_head("&X-Amz-Expires=60"), "{}", strict, kNow.plus_seconds(61))
            .error()
            .message == "Signature expired: 20260101T000100Z is now earlier than 20260101T000101Z");
  CHECK(authorize(Signed().presigned_head("&X-Amz-Expires=x"), "{}", strict, kNow).error().type ==
        ErrorType::kIncompleteSignature);
  CHECK(authorize(Signed().presigned_head(), "[]", strict, kNow).error().type ==
        ErrorType::kInvalidSignature);
  Settings lenient = strict;
  lenient.require_authorization = false;
  CHECK(authorize(head_with(""), "{}", lenient, kNow).error().type == ErrorType::kMissingAuthenticationToken);
}

}  // namespace tidemark::api
