// StreamSpecification in CreateTable and UpdateTable.
#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

std::string table(const std::string& name, const std::string& more = "") {
  return "{'TableName':'" + name +
         "','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
         "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'BillingMode':'PAY_PER_REQUEST'" +
         more + "}";
}

std::string update(const std::string& specification) {
  return "{'TableName':'tab','StreamSpecification':" + specification + "}";
}

std::string on(const std::string& view_type) {
  return "{'StreamEnabled':true,'StreamViewType':'" + view_type + "'}";
}

constexpr const char* kOff = "{'StreamEnabled':false}";
const std::string kParameter = "One or more parameter values were invalid: ";

// What DescribeTable says of streams.
std::string described(ServiceFixture& service) {
  const std::string answer = service.call("DescribeTable", "{'TableName':'tab'}");
  const std::size_t begin = std::min(answer.find("\"StreamSpecification\""), answer.find("\"LatestStream"));
  if (begin == std::string::npos) return "";
  return answer.substr(begin, answer.find(",\"WarmThroughput\"") - begin);
}

std::string latest(const std::string& label) {
  return ServiceFixture::with_double_quotes(
      "'LatestStreamLabel':'" + label +
      "','LatestStreamArn':'arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/" + label + "'");
}

std::string specification(const std::string& view_type) {
  return ServiceFixture::with_double_quotes("'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'" +
                                            view_type + "'},");
}

}  // namespace

TEST_CASE("what a stream specification may say") {
  struct Case {
    const char* why;
    const char* operation;
    std::string body;
    std::string message;
  };
  const auto c = GENERATE(values<Case>({
      {"a view type of none", "CreateTable",
       table("tab", ",'StreamSpecification':{'StreamEnabled':false,'StreamViewType':'NEW_IMAGE'}"),
       kParameter + "Table is being created with a stream disabled, UpdateViewType should not be specified"},
      {"no view type", "CreateTable", table("tab", ",'StreamSpecification':{'StreamEnabled':true}"),
       kParameter + "Table is being created with a stream enabled, UpdateViewType is required"},
      {"a view type of none", "UpdateTable", update("{'StreamEnabled':false,'StreamViewType':'OLD_IMAGE'}"),
       kParameter + "If stream is being disabled, then UpdateViewType must not be specified"},
      {"no view type", "UpdateTable", update("{'StreamEnabled':true}"),
       kParameter + "If stream is being enabled then UpdateViewType is required"},
      {"nothing to disable", "UpdateTable", update(kOff), "Table has no stream to disable: TableName: tab"},
      {"no such view", "UpdateTable", update(on("ALL")),
       "1 validation error detected: Value ~ALL~ at ~streamSpecification.streamViewType~ failed to satisfy "
       "constraint: Member must satisfy enum value set: [OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, "
       "NEW_IMAGE]"},
  }));
  INFO(c.why << " " << c.operation);
  ServiceFixture service;
  if (c.operation == std::string("UpdateTable"))
    REQUIRE(service.call("CreateTable", table("tab")).starts_with("200"));
  CHECK(service.call(c.operation, c.body) == answer_text(validation_error(c.message)));
  CHECK(described(service).empty());
}

TEST_CASE("a stream that is switched on again is another one") {
  ServiceFixture service;
  REQUIRE(service.call("CreateTable", table("tab", ",'StreamSpecification':" + on("KEYS_ONLY")))
              .starts_with("200"));
  const std::string first = "2026-01-01T00:00:00.000";
  CHECK(described(service) == specification("KEYS_ONLY") + latest(first));
  CHECK(service.call("UpdateTable", update(on("NEW_IMAGE"))) ==
        answer_text(validation_error("Table already has an enabled stream: TableName: tab")));
  CHECK(service.call("UpdateTable", update(on("KEYS_ONLY"))) ==
        answer_text(validation_error("Table already has an enabled stream: TableName: tab")));

  REQUIRE(service.call("UpdateTable", update(kOff)).starts_with("200"));
  CHECK(described(service) == latest(first));
  CHECK(service.call("UpdateTable", update(kOff)) ==
        answer_text(validation_error("Table has no stream to disable: TableName: tab")));

  service.clock().advance_seconds(61);
  REQUIRE(service.call("UpdateTable", update(on("NEW_IMAGE"))).starts_with("200"));
  CHECK(described(service) == specification("NEW_IMAGE") + latest("2026-01-01T00:01:01.000"));
  service.reopen();
  CHECK(described(service) == specification("NEW_IMAGE") + latest("2026-01-01T00:01:01.000"));
}

TEST_CASE("streams that follow each other at once have labels of their own") {
  ServiceFixture service;
  REQUIRE(service.call("CreateTable", table("tab", ",'StreamSpecification':" + on("KEYS_ONLY")))
              .starts_with("200"));
  const std::string first = described(service);
  REQUIRE(service.call("UpdateTable", update(kOff)).starts_with("200"));
  REQUIRE(service.call("UpdateTable", update(on("KEYS_ONLY"))).starts_with("200"));
  CHECK(described(service) != first);
}

}  // namespace tidemark::api
