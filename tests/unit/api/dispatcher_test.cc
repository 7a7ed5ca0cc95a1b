#include "api/front/dispatcher.h"

#include <algorithm>
#include <string>

#include "api/front/registry.h"
#include "base/digest.h"
#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {
namespace {

std::string header(const http::Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or("(none)"));
}

http::RequestHead without(const http::RequestHead& head, std::string_view name) {
  http::RequestHead rest = head;
  rest.headers = {};
  for (const auto& [field, value] : head.headers.fields()) {
    if (!http::equal_ignoring_case(field, name)) rest.headers.add(field, value);
  }
  return rest;
}

http::RequestHead with_target(const std::string& target) {
  auto head = without(ServiceFixture::request_for("ListTables"), "X-Amz-Target");
  head.headers.add("X-Amz-Target", target);
  return head;
}

constexpr const char* kSerialization = R"(400 {"__type":"com.amazon.coral.service#SerializationException"})";
constexpr const char* kUnknownOperation =
    R"(400 {"__type":"com.amazon.coral.service#UnknownOperationException"})";

}  // namespace

TEST_CASE("every answer carries an id, a checksum and the request's content type") {
  ServiceFixture service;
  const auto response = service.send(ServiceFixture::request_for("ListTables"), "{}");
  CHECK(ServiceFixture::text_of(response) == R"(200 {"TableNames":[]})");
  CHECK(header(response, "Content-Type") == "application/x-amz-json-1.0");
  CHECK(header(response, "x-amz-crc32") == std::to_string(crc32(0, std::get<std::string>(response.body))));
  const std::string id = header(response, "x-amzn-RequestId");
  CHECK(id.size() == 52);
  CHECK(std::all_of(id.begin(), id.end(),
                    [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }));
  CHECK(header(service.send(ServiceFixture::request_for("ListTables"), "{}"), "x-amzn-RequestId") != id);

  auto plain = without(ServiceFixture::request_for("ListTables"), "Content-Type");
  plain.headers.add("content-type", "application/json; charset=utf-8");
  CHECK(header(service.send(plain, "{}"), "Content-Type") == "application/json");
}

TEST_CASE("the protocol is judged in the service's order") {
  ServiceFixture service;
  const auto head = ServiceFixture::request_for("ListTables");
  const auto answer = [&service](const http::RequestHead& request, const std::string& body) {
    return ServiceFixture::text_of(service.send(request, body));
  };
  CHECK(answer(head, "{") == kSerialization);
  CHECK(answer(head, "") == kSerialization);
  CHECK(answer(head, "[]") == kSerialization);
  // No JSON goes before no target, that before no authorization, that before an empty body.
  CHECK(answer(without(without(head, "X-Amz-Target"), "Authorization"), "{") == kSerialization);
  CHECK(answer(without(without(head, "X-Amz-Target"), "Authorization"), "") == kUnknownOperation);
  CHECK(answer(with_target("DynamoDB_20120810.Nonsense"), "{}") == kUnknownOperation);
  CHECK(answer(with_target("DynamoDBStreams_20120810.ListTables"), "{}") == kUnknownOperation);
  CHECK(answer(without(head, "Authorization"), "") ==
        R"(400 {"__type":"com.amazon.coral.service#MissingAuthenticationTokenException",)"
        R"("message":"Request is missing Authentication Token"})");
  CHECK(answer(head, R"({"Limit":"1","ExclusiveStartTableName":"!"})") ==
        R"(400 {"__type":"com.amazon.coral.service#SerializationException",)"
        R"("Message":"STRING_VALUE cannot be converted to Integer"})");
  CHECK(
      answer(head, R"({"Limit":101})") ==
      R"(400 {"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error )"
      R"(detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or )"
      R"(equal to 100"})");
}

TEST_CASE("a wrong type inside an item goes before every other error") {
  ServiceFixture service;
  CHECK(service.call("PutItem", "{'TableName':'!','Item':{'a':{'S':1}}}") ==
        R"(400 {"__type":"com.amazon.coral.service#SerializationException",)"
        R"("Message":"NUMBER_VALUE cannot be converted to String"})");
}

TEST_CASE("what is not a request of the API") {
  ServiceFixture service;
  auto head = ServiceFixture::request_for("ListTables");
  head.method = "GET";
  head.target = "/?any";
  auto response = service.send(head, "");
  CHECK(ServiceFixture::text_of(response) == "200 healthy: dynamodb.us-east-1.amazonaws.com ");
  CHECK(header(response, "x-amz-crc32") == "3128867991");
  head.target = "/any/path";
  CHECK(ServiceFixture::text_of(service.send(head, "")) == "404 <UnknownOperationException/>\n");

  for (const char* const method : {"PUT", "DELETE", "HEAD", "OPTIONS"}) {
    head.method = method;
    response = service.send(head, "");
    CHECK(ServiceFixture::text_of(response) == "404 <UnknownOperationException/>\n");
    CHECK(header(response, "x-amz-crc32") == "3552371480");
    CHECK(header(response, "x-amzn-RequestId").size() == 52);
  }
  auto form = without(ServiceFixture::request_for("ListTables"), "Content-Type");
  CHECK(service.send(form, "{}").status == 404);
  form.headers.add("Content-Type", "application/cbor");
  CHECK(service.send(form, "{}").status == 404);
}

TEST_CASE("browsers are answered across origins") {
  ServiceFixture service;
  auto head = ServiceFixture::request_for("ListTables");
  head.headers.add("Origin", "http://example.org");
  CHECK(header(service.send(head, "{}"), "Access-Control-Allow-Origin") == "*");

  head.method = "OPTIONS";
  head.headers.add("Access-Control-Request-Headers", "x-amz-target, x-other");
  head.headers.add("Access-Control-Request-Method", "POST");
  const auto response = service.send(head, "");
  CHECK(ServiceFixture::text_of(response) == "200 ");
  CHECK(header(response, "Access-Control-Allow-Origin") == "*");
  CHECK(header(response, "Access-Control-Max-Age") == "172800");
  CHECK(header(response, "Access-Control-Allow-Headers") == "x-amz-target, x-other");
  CHECK(header(response, "Access-Control-Allow-Methods") == "POST");
}

TEST_CASE("a body over 16 MiB is refused, announced or not") {
  ServiceFixture service;
  auto head = ServiceFixture::request_for("ListTables");
  head.content_length = kBodyBytesMax + 1;
  CHECK(service.send(head, "").status == 413);

  head.content_length.reset();
  const std::string blanks(kBodyBytesMax - 2, ' ');
  CHECK(service.send(head, "{}" + blanks).status == 200);
  const auto response = service.send(head, "{} " + blanks);
  CHECK(response.status == 413);
  CHECK(response.close);
}

TEST_CASE("small requests on items may run on the network thread, unless several writes sync") {
  ServiceFixture service;
  CHECK(service.is_quick("GetItem", "{}"));
  CHECK(service.is_quick("PutItem", "{}"));
  CHECK_FALSE(service.is_quick("Scan", "{}"));
  CHECK_FALSE(service.is_quick("CreateTable", "{}"));
  CHECK_FALSE(service.is_quick("PutItem", std::string(100'000, ' ')));
  CHECK(service.is_quick("Nonsense", "{}"));

  Settings settings;
  settings.sync_writes = true;
  ServiceFixture syncing(settings);
  CHECK(syncing.is_quick("GetItem", "{}"));
  CHECK(syncing.is_quick("PutItem", "{}"));
  CHECK_FALSE(syncing.is_quick("BatchWriteItem", "{}"));
  CHECK_FALSE(syncing.is_quick("TransactWriteItems", "{}"));
}

}  // namespace tidemark::api
