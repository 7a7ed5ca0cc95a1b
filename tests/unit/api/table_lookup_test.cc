#include "api/core/table_lookup.h"

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {
namespace {

Settings settings_with(bool strict) {
  Settings settings;
  auto list = auth::CredentialList::parse(
      "[alice]\naws_access_key_id = AKALICE\naws_secret_access_key = alice's\naccount_id = 111111111111\n"
      "[bob]\naws_access_key_id = AKBOB\naws_secret_access_key = bob's\naccount_id = 222222222222\n",
      "keys", {});
  REQUIRE(list.has_value());
  settings.authority = std::make_shared<const auth::Authority>(
      auth::Authority::Options{.strict = strict, .skew_seconds_max = 0}, std::move(*list));
  return settings;
}

struct Caller {
  std::string access_key, secret_key;
};
const Caller kAlice{"AKALICE", "alice's"};
const Caller kBob{"AKBOB", "bob's"};

std::string call(ServiceFixture& service, const Caller& caller, const std::string& operation,
                 std::string body) {
  body = ServiceFixture::with_double_quotes(std::move(body));
  http::RequestHead head;
  head.method = "POST";
  head.target = "/";
  head.headers.add("Host", "localhost:8000");
  head.headers.add("Content-Type", "application/x-amz-json-1.0");
  head.headers.add("X-Amz-Date", "20260101T000000Z");
  head.headers.add("X-Amz-Target", "DynamoDB_20120810." + operation);
  const auth::SigV4 sigv4{{caller.access_key, "20260101", "us-east-1", "dynamodb", "aws4_request"},
                          "20260101T000000Z",
                          {"host", "x-amz-date", "x-amz-target"},
                          to_hex(digest_of(DigestAlgorithm::kSha256, body)),
                          ""};
  const std::string signature = auth::signature_of(
      auth::signing_key(caller.secret_key, sigv4.scope),
      auth::string_to_sign(sigv4, auth::canonical_request(head, sigv4, auth::UriForm::kNormalized)));
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=" + caller.access_key + "/" + sigv4.scope.text() +
                       ", SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + signature);
  return ServiceFixture::text_of(service.send(std::move(head), body));
}

constexpr const char* kCreate =
    "{'TableName':'Table','KeySchema':[{'AttributeName':'k','KeyType':'HASH'}],'AttributeDefinitions':"
    "[{'AttributeName':'k','AttributeType':'S'}],'BillingMode':'PAY_PER_REQUEST'}";
const std::string kArn = "arn:aws:dynamodb:us-east-1:111111111111:table/Table";

}  // namespace

TEST_CASE("strict mode: an ARN opens no table of another account") {
  struct Case {
    const char* operation;
    std::string body;  // `@` stands for the ARN
  };
  const auto c = GENERATE(values<Case>({
      {"GetItem", "{'TableName':'@','Key':{'k':{'S':'a'}}}"},
      {"PutItem", "{'TableName':'@','Item':{'k':{'S':'a'}}}"},
      {"UpdateItem", "{'TableName':'@','Key':{'k':{'S':'a'}}}"},
      {"DeleteItem", "{'TableName':'@','Key':{'k':{'S':'a'}}}"},
      {"Query",
       "{'TableName':'@','KeyConditionExpression':'k = :k','ExpressionAttributeValues':{':k':{'S':'a'}}}"},
      {"Scan", "{'TableName':'@'}"},
      {"BatchGetItem", "{'RequestItems':{'@':{'Keys':[{'k':{'S':'a'}}]}}}"},
      {"BatchWriteItem", "{'RequestItems':{'@':[{'PutRequest':{'Item':{'k':{'S':'a'}}}}]}}"},
      {"DescribeTable", "{'TableName':'@'}"},
      {"UpdateTable", "{'TableName':'@','DeletionProtectionEnabled':true}"},
      {"DescribeContinuousBackups", "{'TableName':'@'}"},
      {"UpdateContinuousBackups",
       "{'TableName':'@','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':false}}"},
      {"DeleteTable", "{'TableName':'@'}"},
  }));
  INFO(c.operation);
  const auto body_with = [&](const std::string& arn) {
    std::string body = c.body;
    body.replace(body.find('@'), 1, arn);
    return body;
  };
  ServiceFixture strict(settings_with(true));
  REQUIRE(call(strict, kAlice, "CreateTable", kCreate).starts_with("200 "));
  const std::string action = "dynamodb:" + std::string(c.operation);
  for (const std::string& arn : {kArn, kArn + "2"}) {  // that says nothing about which tables there are
    std::string refused =
        "400 {\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"User: ";
    refused.append("arn:aws:iam::222222222222:user/bob is not authorized to perform: ").append(action);
    refused.append(" on resource: ").append(arn).append(" because no resource-based policy allows the ");
    refused.append(action).append(" action\"}");
    CHECK(call(strict, kBob, c.operation, body_with(arn)) == refused);
  }
  CHECK(call(strict, kAlice, c.operation, body_with(kArn)).starts_with("200 "));

  ServiceFixture open(settings_with(false));
  REQUIRE(call(open, kAlice, "CreateTable", kCreate).starts_with("200 "));
  CHECK(call(open, kBob, c.operation, body_with(kArn)).starts_with("200 "));
}

}  // namespace tidemark::api
