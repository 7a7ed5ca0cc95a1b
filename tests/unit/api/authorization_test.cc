#include "api/authorization.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

const Settings kSettings{};
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
  }));
  INFO(c.credential);
  auto head = head_with(header_with(c.credential));
  head.headers.add("X-Amz-Date", "20260101T000000Z");
  const auto owner = authorize(head, kSettings);
  REQUIRE(owner.has_value());
  CHECK(owner->account_id == c.account_id);
  CHECK(owner->region == c.region);
}

TEST_CASE("parameters may be separated by commas alone and stand in the query") {
  auto head =
      head_with("AWS4-HMAC-SHA256 Credential=" + std::string(kScope) + ",SignedHeaders=a,Signature=b");
  head.headers.add("date", "Thu, 01 Jan 2026 00:00:00 GMT");
  CHECK(authorize(head, kSettings).has_value());

  const auto by_query =
      head_with("",
                "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260101%2Fus-west-1%2Fdynamodb%2F"
                "aws4_request&X-Amz-Signature=b&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z");
  const auto owner = authorize(by_query, kSettings);
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
  const auto owner = authorize(head_with(c.authorization, c.target), kSettings);
  REQUIRE_FALSE(owner.has_value());
  CHECK(owner.error().type == c.type);
  CHECK(owner.error().message == c.message);
}

TEST_CASE("a credential scope has five elements and a region") {
  for (const char* const credential : {"a/b/c/d", "a/b/c/d/e/f", "", "a//////////"}) {
    auto head = head_with(header_with(credential));
    head.headers.add("X-Amz-Date", "20260101T000000Z");
    const auto owner = authorize(head, kSettings);
    REQUIRE_FALSE(owner.has_value());
    CHECK(owner.error().message ==
          "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
          "'" +
              std::string(credential) + "'");
  }
  auto head = head_with(header_with("a/20260101/US EAST/dynamodb/aws4_request"));
  head.headers.add("X-Amz-Date", "20260101T000000Z");
  CHECK_FALSE(authorize(head, kSettings).has_value());
}

TEST_CASE("authorization can be made optional") {
  Settings settings;
  settings.require_authorization = false;
  settings.region = "ap-south-1";
  const auto owner = authorize(head_with(""), settings);
  REQUIRE(owner.has_value());
  CHECK(owner->account_id == "000000000000");
  CHECK(owner->region == "ap-south-1");
}

}  // namespace tidemark::api
