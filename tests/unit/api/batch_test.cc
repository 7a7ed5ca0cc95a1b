// BatchGetItem and BatchWriteItem through the dispatcher.
#include <string>
#include <vector>

#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

void create_table(ServiceFixture& service, const std::string& name) {
  const std::string answer = service.call(
      "CreateTable", "{'TableName':'" + name +
                         "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
                         "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}");
  INFO(answer);
  REQUIRE(answer.substr(0, 3) == "200");
}

void create_table_with_local_index(ServiceFixture& service) {
  const std::string answer = service.call(
      "CreateTable",
      "{'TableName':'loc','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
      "'AttributeType':'S'},{'AttributeName':'sk','AttributeType':'S'},{'AttributeName':'at','AttributeType':"
      "'S'}],"
      "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}],"
      "'LocalSecondaryIndexes':[{'IndexName':'by-date','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{"
      "'AttributeName':'at','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}]}");
  INFO(answer);
  REQUIRE(answer.substr(0, 3) == "200");
}

TEST_CASE("batches write and read items of several tables") {
  ServiceFixture service;
  create_table(service, "tab");
  create_table(service, "two");
  service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'old'}}}");
  run(service,
      {
          {"puts and deletes", "BatchWriteItem",
           "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':{'S':'a'},'x':{'N':'1'}}}},{'DeleteRequest':{"
           "'"
           "Key':{'pk':"
           "{'S':'old'}}}}],'two':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}}]},'ReturnConsumedCapacity':'"
           "TOTAL',"
           "'ReturnItemCollectionMetrics':'SIZE'}",
           "200 "
           "{'UnprocessedItems':{},'ItemCollectionMetrics':{},'ConsumedCapacity':[{'TableName':'tab','"
           "CapacityUnits':"
           "2.0},{'TableName':'two','CapacityUnits':1.0}]}"},
          {"missing items are left out, their tables are not", "BatchGetItem",
           "{'RequestItems':{'tab':{'Keys':[{'pk':{'S':'a'}},{'pk':{'S':'old'}}]},'two':{'Keys':[{'pk':{'S':'"
           "z'}}"
           "]}},"
           "'ReturnConsumedCapacity':'TOTAL'}",
           "200 "
           "{'Responses':{'tab':[{'pk':{'S':'a'},'x':{'N':'1'}}],'two':[]},'UnprocessedKeys':{},'"
           "ConsumedCapacity':[{"
           "'TableName':'tab','CapacityUnits':1.0},{'TableName':'two','CapacityUnits':0.5}]}"},
          {"by ARN, consistently, and a part of each", "BatchGetItem",
           "{'RequestItems':{'arn:aws:dynamodb:us-east-1:000000000000:table/tab':{'Keys':[{'pk':{'S':'a'}}],"
           "'ConsistentRead':true,'ProjectionExpression':'#x','ExpressionAttributeNames':{'#x':'x'}}},"
           "'ReturnConsumedCapacity':'INDEXES'}",
           "200 "
           "{'Responses':{'arn:aws:dynamodb:us-east-1:000000000000:table/"
           "tab':[{'x':{'N':'1'}}]},'UnprocessedKeys':{}"
           ",'ConsumedCapacity':[{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/"
           "tab','CapacityUnits':1.0,"
           "'Table':{'CapacityUnits':1.0}}]}"},
      });
}

TEST_CASE("each item collection is named once") {
  ServiceFixture service;
  create_table_with_local_index(service);
  CHECK(
      service.call(
          "BatchWriteItem",
          "{'RequestItems':{'loc':[{'PutRequest':{'Item':{'pk':{'S':'a'},'sk':{'S':'1'},'at':{'S':'x'}}}},{"
          "'PutRequest':{'Item':{'pk':{'S':'a'},'sk':{'S':'2'}}}}]},'ReturnItemCollectionMetrics':'SIZE',"
          "'ReturnConsumedCapacity':'INDEXES'}") ==
      answer_text(
          "200 {'UnprocessedItems':{},'ItemCollectionMetrics':{'loc':[{'ItemCollectionKey':{'pk':{'S':'a'}},"
          "'SizeEstimateRangeGB':[0.0,1.0]}]},'ConsumedCapacity':[{'TableName':'loc','CapacityUnits':3.0,"
          "'Table':{'CapacityUnits':2.0},'LocalSecondaryIndexes':{'by-date':{'CapacityUnits':1.0}}}]}"));
}

TEST_CASE("what does not fit into 16 MB comes back unprocessed") {
  ServiceFixture service;
  create_table(service, "tab");
  std::string keys;
  for (int i = 0; i < 45; ++i) {
    const std::string key = "{'pk':{'S':'p" + std::to_string(10 + i) + "'}}";
    service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'p" + std::to_string(10 + i) +
                                "'},'x':{'S':'" + std::string(400'000, 'x') + "'}}}");
    keys += (i == 0 ? "" : ",") + key;
  }
  const std::string answer = service.call(
      "BatchGetItem",
      "{'RequestItems':{'tab':{'Keys':[" + keys +
          "],'ConsistentRead':true,'ProjectionExpression':'#k','ExpressionAttributeNames':{'#k':'pk'}}"
          "}}");
  // 41 items of 400,006 bytes are below 16 MB, 42 are not.
  const auto read = values_of(member_text(answer, "Responses"), R"("pk":{"S":")");
  CHECK(read.size() == 41);
  const std::string unprocessed = member_text(answer, "UnprocessedKeys");
  CHECK(unprocessed ==
        answer_text("{'tab':{'Keys':[{'pk':{'S':'p51'}},{'pk':{'S':'p52'}},{'pk':{'S':'p53'}},{'pk':{"
                    "'S':'p54'}}],'ConsistentRead':true,'ProjectionExpression':'#k',"
                    "'ExpressionAttributeNames':{'#k':'pk'}}}"));
  const std::string rest = service.call("BatchGetItem", "{'RequestItems':" + unprocessed + "}");
  CHECK(values_of(member_text(rest, "Responses"), R"("pk":{"S":")") ==
        std::vector<std::string>{"p51", "p52", "p53", "p54"});
  CHECK(member_text(rest, "UnprocessedKeys") == "{}");
}

std::string numbered(int count, const std::string& before, const std::string& after) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text.append(before).append(std::to_string(i)).append(after);
  }
  return text;
}

TEST_CASE("what batches refuse") {
  ServiceFixture service;
  create_table(service, "tab");
  create_table(service, "two");
  const auto keys = [](int count) { return numbered(count, "{'pk':{'S':'", "'}}"); };
  const auto puts = [](int count) { return numbered(count, "{'PutRequest':{'Item':{'pk':{'S':'", "'}}}}"); };
  run(service,
      {
          {"nothing to read", "BatchGetItem", "{'RequestItems':{}}",
           validation_error(
               "1 validation error detected: Value at ~RequestItems~ failed to satisfy constraint: Member "
               "must have length greater than or equal to 1")},
          {"no parameter", "BatchGetItem", "{}",
           validation_error(
               "1 validation error detected: Value null at ~requestItems~ failed to satisfy constraint: "
               "Member must not be null")},
          {"too many keys of one table", "BatchGetItem",
           "{'RequestItems':{'tab':{'Keys':[" + keys(101) + "]}}}",
           validation_error(
               "1 validation error detected: Value at ~RequestItems.tab.member.Keys~ failed to satisfy "
               "constraint: Member must have length less than or equal to 100")},
          {"too many keys of two", "BatchGetItem",
           "{'RequestItems':{'tab':{'Keys':[" + keys(60) + "]},'two':{'Keys':[" + keys(60) + "]}}}",
           validation_error("Too many items requested for the BatchGetItem call")},
          {"no keys", "BatchGetItem", "{'RequestItems':{'tab':{'Keys':[]}}}",
           validation_error(
               "1 validation error detected: Value at ~RequestItems.tab.member.Keys~ failed to satisfy "
               "constraint: Member must have length greater than or equal to 1")},
          {"a key twice, though written differently", "BatchGetItem",
           "{'RequestItems':{'tab':{'Keys':[{'pk':{'N':'1'}},{'pk':{'N':'1.0'}}]}}}",
           validation_error("Provided list of item keys contains duplicates")},
          {"a table that is not there", "BatchGetItem",
           "{'RequestItems':{'none':{'Keys':[{'pk':{'S':'a'}}]}}}", kNotFound},
          {"a key that does not fit", "BatchGetItem", "{'RequestItems':{'tab':{'Keys':[{'pk':{'N':'1'}}]}}}",
           validation_error("The provided key element does not match the schema")},
          {"two generations of parameters, across tables", "BatchGetItem",
           "{'RequestItems':{'tab':{'Keys':[{'pk':{'S':'a'}}],'AttributesToGet':['x']},'two':{'Keys':[{'pk':{"
           "'S':"
           "'a'}}],"
           "'ProjectionExpression':'x'}}}",
           validation_error("Can not use both expression and non-expression parameters in the same request: "
                            "Non-expression parameters: {AttributesToGet} Expression parameters: "
                            "{ProjectionExpression}")},
          {"nothing to write", "BatchWriteItem", "{'RequestItems':{}}",
           validation_error("The requestItems parameter is required for BatchWriteItem")},
          {"too many writes to two tables", "BatchWriteItem",
           "{'RequestItems':{'tab':[" + puts(13) + "],'two':[" + puts(13) + "]}}",
           validation_error("Too many items requested for the BatchWriteItem call")},
          {"neither put nor delete", "BatchWriteItem", "{'RequestItems':{'tab':[{}]}}",
           validation_error(
               "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
               "supported datatypes")},
          {"an item put and deleted", "BatchWriteItem",
           "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}},{'DeleteRequest':{'Key':{'pk':{'"
           "S'"
           ":'a'}}}}]"
           "}}",
           validation_error("Provided list of item keys contains duplicates")},
          {"a put whose key does not fit", "BatchWriteItem",
           "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':{'N':'1'}}}}]}}",
           validation_error("The provided key element does not match the schema")},
          {"one bad write among good ones", "BatchWriteItem",
           "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':{'S':'good'}}}},{'DeleteRequest':{'Key':{'x':"
           "{'"
           "S':'a'}}}}"
           "]}}",
           validation_error("The provided key element does not match the schema")},
          {"then none is done", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'good'}}}", "200 {}"},
          {"a table that is not there", "BatchWriteItem",
           "{'RequestItems':{'none':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}}]}}", kNotFound},
      });
  CHECK(service.call("BatchWriteItem", "{'RequestItems':{'tab':[" + puts(26) + "]}}") ==
        answer_text(
            validation_error("1 validation error detected: Value at ~RequestItems.tab.member~ failed to "
                             "satisfy constraint: Member must have length less than or equal to 25")));
}

}  // namespace
}  // namespace tidemark::api
