// Scan through the dispatcher.
#include <set>
#include <string>
#include <vector>

#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

void create_table(ServiceFixture& service) {
  const std::string answer = service.call(
      "CreateTable",
      "{'TableName':'tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
      "'AttributeType':'S'},{'AttributeName':'owner','AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk'"
      ","
      "'KeyType':'HASH'}],'GlobalSecondaryIndexes':[{'IndexName':'by-owner','KeySchema':[{'AttributeName':'"
      "owner',"
      "'KeyType':'HASH'}],'Projection':{'ProjectionType':'KEYS_ONLY'}}]}");
  INFO(answer);
  REQUIRE(answer.substr(0, 3) == "200");
}

// Items p0 to p<count - 1>; every third is in the index.
std::set<std::string> put_items(ServiceFixture& service, int count) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    const std::string name = "p" + std::to_string(i);
    const std::string owner = i % 3 == 0 ? ",'owner':{'S':'o" + std::to_string(i % 6) + "'}" : "";
    REQUIRE(service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'" + name + "'}" + owner + "}}") ==
            "200 {}");
    names.insert(name);
  }
  return names;
}

const std::string kItemPrefix = R"({"pk":{"S":")";

// Reads all pages of a scan with the given further parameters.
std::vector<std::string> scan_all(ServiceFixture& service, const std::string& parameters) {
  std::vector<std::string> seen;
  std::string start_key;
  do {
    const std::string answer =
        service.call("Scan", "{'TableName':'tab','ProjectionExpression':'pk'" + parameters + start_key + "}");
    INFO(answer);
    REQUIRE(answer.substr(0, 3) == "200");
    const auto page = values_of(member_text(answer, "Items"), kItemPrefix);
    seen.insert(seen.end(), page.begin(), page.end());
    REQUIRE(seen.size() <= 1'000);
    const std::string last_key = member_text(answer, "LastEvaluatedKey");
    start_key = last_key.empty() ? "" : ",'ExclusiveStartKey':" + last_key;
  } while (!start_key.empty());
  return seen;
}

TEST_CASE("the segments of a parallel scan hold every item exactly once") {
  ServiceFixture service;
  create_table(service);
  const std::set<std::string> expected = put_items(service, 60);
  const int total = GENERATE(1, 2, 3, 7, 100);
  const int limit = GENERATE(1, 9, 100);
  INFO("segments " << total << " limit " << limit);
  std::vector<std::string> seen;
  for (int segment = 0; segment < total; ++segment) {
    const auto part = scan_all(service, ",'TotalSegments':" + std::to_string(total) + ",'Segment':" +
                                            std::to_string(segment) + ",'Limit':" + std::to_string(limit));
    seen.insert(seen.end(), part.begin(), part.end());
  }
  CHECK(seen.size() == expected.size());
  CHECK(std::set<std::string>(seen.begin(), seen.end()) == expected);
}

TEST_CASE("the scan of an index finds what is in it") {
  ServiceFixture service;
  create_table(service);
  put_items(service, 30);
  const int limit = GENERATE(1, 4, 50);
  const auto seen = scan_all(service, ",'IndexName':'by-owner','Limit':" + std::to_string(limit));
  CHECK(seen.size() == 10);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 10);
}

TEST_CASE("pages of a scan end with the item that crosses 1 MB") {
  ServiceFixture service;
  create_table(service);
  for (int i = 0; i < 4; ++i) {
    service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'p" + std::to_string(i) + "'},'x':{'S':'" +
                                std::string(380'000, 'x') + "'}}}");
  }
  const std::string first = service.call("Scan", "{'TableName':'tab','Select':'COUNT'}");
  CHECK(first.find(R"("Count":3,"ScannedCount":3,"LastEvaluatedKey")") != std::string::npos);
  CHECK(scan_all(service, "").size() == 4);
}

TEST_CASE("what a scan answers and refuses") {
  ServiceFixture service;
  create_table(service);
  service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'A'},'n':{'N':'1'}}}");
  service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'B'},'n':{'N':'2'}}}");
  run(service,
      {
          {"in the order of the service's hash", "Scan", "{'TableName':'tab'}",
           "200 "
           "{'Items':[{'n':{'N':'1'},'pk':{'S':'A'}},{'n':{'N':'2'},'pk':{'S':'B'}}],'Count':2,'ScannedCount'"
           ":2}"},
          {"filters may look at keys", "Scan",
           "{'TableName':'tab','FilterExpression':'pk = :p AND n < "
           ":n','ExpressionAttributeValues':{':p':{'S':'A'},':n':"
           "{'N':'2'}},'ReturnConsumedCapacity':'TOTAL'}",
           "200 "
           "{'Items':[{'n':{'N':'1'},'pk':{'S':'A'}}],'Count':1,'ScannedCount':2,'ConsumedCapacity':{'"
           "TableName':"
           "'tab','CapacityUnits':2.0}}"},
          {"a segment without their number", "Scan", "{'TableName':'tab','Segment':0}",
           validation_error(
               "The TotalSegments parameter is required but was not present in the request when Segment "
               "parameter is present")},
          {"the number without a segment", "Scan", "{'TableName':'tab','TotalSegments':4}",
           validation_error(
               "The Segment parameter is required but was not present in the request when parameter "
               "TotalSegments is present")},
          {"one segment too far", "Scan", "{'TableName':'tab','Segment':5,'TotalSegments':5}",
           validation_error(
               "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
               "Segment: 5 is not less than TotalSegments: 5")},
          {"a limit of nothing", "Scan", "{'TableName':'tab','Limit':0}",
           validation_error(
               "1 validation error detected: Value ~0~ at ~limit~ failed to satisfy constraint: Member "
               "must have value greater than or equal to 1")},
          {"a table that is not there", "Scan", "{'TableName':'none'}", kNotFound},
          {"a start key with other attributes", "Scan",
           "{'TableName':'tab','ExclusiveStartKey':{'x':{'S':'A'}}}",
           validation_error(
               "The provided starting key is invalid: The provided key element does not match the "
               "schema")},
          {"on an index", "Scan",
           "{'TableName':'tab','IndexName':'by-owner','ExclusiveStartKey':{'pk':{'S':'A'}}}",
           validation_error("The provided starting key is invalid")},
          {"an attribute the index does not carry", "Scan",
           "{'TableName':'tab','IndexName':'by-owner','ProjectionExpression':'n'}",
           validation_error(
               "One or more parameter values were invalid: Global secondary index by-owner does not "
               "project [n]")},
          {"Select is worded without an envelope here", "Scan",
           "{'TableName':'tab','Select':'SPECIFIC_ATTRIBUTES'}",
           validation_error("Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                            "SPECIFIC_ATTRIBUTES")},
          {"the older filter", "Scan",
           "{'TableName':'tab','ScanFilter':{'n':{'ComparisonOperator':'EQ','AttributeValueList':[{'N':'2'}]}"
           "}}",
           "200 {'Items':[{'n':{'N':'2'},'pk':{'S':'B'}}],'Count':1,'ScannedCount':2}"},
      });
}

TEST_CASE("a start key belongs to one segment") {
  ServiceFixture service;
  create_table(service);
  const auto in_segment = [&](int segment) {
    return service.call("Scan", "{'TableName':'tab','TotalSegments':2,'Segment':" + std::to_string(segment) +
                                    ",'ExclusiveStartKey':{'pk':{'S':'A'}}}");
  };
  const std::string empty = answer_text("200 {'Items':[],'Count':0,'ScannedCount':0}");
  const int right = in_segment(0) == empty ? 0 : 1;
  CHECK(in_segment(right) == empty);
  CHECK(in_segment(1 - right) ==
        answer_text(
            validation_error("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                             "ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: " +
                             std::to_string(1 - right))));
}

}  // namespace
}  // namespace tidemark::api
