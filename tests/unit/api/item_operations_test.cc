// PutItem, GetItem, UpdateItem and DeleteItem through the dispatcher: request and exact answer.
#include <string>

#include "tests/support/catch.h"
#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

const std::string kConditionFailed =
    "400 {'__type':'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException','message':'The "
    "conditional "
    "request failed'}";

void create_hash_table(ServiceFixture& service) {
  service.call(
      "CreateTable",
      "{'TableName':'tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
      "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]}");
}

// pk, sk; a local index on `at` that carries keys alone, a global one on `owner` that carries everything.
void create_indexed_table(ServiceFixture& service) {
  service.call(
      "CreateTable",
      "{'TableName':'idx','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
      "'AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},{'AttributeName':'at','AttributeType':"
      "'S'},"
      "{'AttributeName':'owner','AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
      "{'AttributeName':'sk','KeyType':'RANGE'}],'LocalSecondaryIndexes':[{'IndexName':'by-date','KeySchema':"
      "["
      "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'at','KeyType':'RANGE'}],'Projection':{"
      "'ProjectionType':'KEYS_ONLY'}}],'GlobalSecondaryIndexes':[{'IndexName':'by-owner','KeySchema':[{"
      "'AttributeName':'owner','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}]}");
}

TEST_CASE("an item is put, read and deleted") {
  ServiceFixture service;
  create_hash_table(service);
  run(service,
      {
          {"nothing is there", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}", "200 {}"},
          {"a put answers nothing", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'S':'a'},'n':{'N':'1.50'},'s':{'SS':['y','x']}}}", "200 {}"},
          {"values come back in normal form", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}",
           "200 {'Item':{'n':{'N':'1.5'},'pk':{'S':'a'},'s':{'SS':['x','y']}}}"},
          {"the table may be named by its ARN", "GetItem",
           "{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/tab','Key':{'pk':{'S':'a'}},"
           "'ReturnConsumedCapacity':'TOTAL','ConsistentRead':true}",
           "200 "
           "{'Item':{'n':{'N':'1.5'},'pk':{'S':'a'},'s':{'SS':['x','y']}},'ConsumedCapacity':{'TableName':"
           "'arn:aws:dynamodb:us-east-1:000000000000:table/tab','CapacityUnits':1.0}}"},
          {"a second put replaces all of it", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'S':'a'},'b':{'BOOL':true}},'ReturnValues':'ALL_OLD'}",
           "200 {'Attributes':{'n':{'N':'1.5'},'pk':{'S':'a'},'s':{'SS':['x','y']}}}"},
          {"ALL_OLD of nothing", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'S':'b'}},'ReturnValues':'ALL_OLD'}", "200 {}"},
          {"a delete returns what was there", "DeleteItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ReturnValues':'ALL_OLD'}",
           "200 {'Attributes':{'b':{'BOOL':true},'pk':{'S':'a'}}}"},
          {"deleting nothing succeeds", "DeleteItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}", "200 {}"},
          {"it is gone", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}", "200 {}"},
      });
}

TEST_CASE("items survive a restart") {
  ServiceFixture service;
  create_hash_table(service);
  service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'x':{'NULL':true}}}");
  service.reopen();
  CHECK(service.call("GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}") ==
        answer_text("200 {'Item':{'pk':{'S':'a'},'x':{'NULL':true}}}"));
}

TEST_CASE("a projection cuts an item down") {
  ServiceFixture service;
  create_hash_table(service);
  service.call(
      "PutItem",
      "{'TableName':'tab','Item':{'pk':{'S':'a'},'m':{'M':{'x':{'N':'1'},'y':{'N':'2'}}},'l':{'L':[{'S':'p'},"
      "{'S':'q'}]}}}");
  run(service,
      {
          {"keys are not added", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ProjectionExpression':'m.x, l[1]'}",
           "200 {'Item':{'l':{'L':[{'S':'q'}]},'m':{'M':{'x':{'N':'1'}}}}}"},
          {"nothing is left of an item that is there", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ProjectionExpression':'z'}", "200 {'Item':{}}"},
          {"no item, no answer", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'b'}},'ProjectionExpression':'z'}", "200 {}"},
          {"the older parameter", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'AttributesToGet':['pk','z']}",
           "200 {'Item':{'pk':{'S':'a'}}}"},
          {"the whole size counts, not what is left", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ProjectionExpression':'pk','ReturnConsumedCapacity':"
           "'INDEXES'}",
           "200 {'Item':{'pk':{'S':'a'}},'ConsumedCapacity':{'TableName':'tab','CapacityUnits':0.5,'Table':{"
           "'CapacityUnits':0.5}}}"},
      });
}

TEST_CASE("conditions look at the item that is there") {
  ServiceFixture service;
  create_hash_table(service);
  service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'v':{'N':'1'}}}");
  run(service,
      {
          {"a put of something new is refused", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'S':'a'}},'ConditionExpression':'attribute_not_exists(pk)'}",
           kConditionFailed},
          {"with the item", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'S':'a'}},'ConditionExpression':'attribute_not_exists(pk)',"
           "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'}",
           "400 "
           "{'__type':'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException','Item':{'pk':{'S':'"
           "a'},"
           "'v':{'N':'1'}},'message':'The conditional request failed'}"},
          {"without an item there is none to return", "DeleteItem",
           "{'TableName':'tab','Key':{'pk':{'S':'b'}},'ConditionExpression':'attribute_exists(pk)',"
           "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'}",
           kConditionFailed},
          {"an update that is refused creates nothing", "UpdateItem",
           "{'TableName':'tab','Key':{'pk':{'S':'b'}},'UpdateExpression':'SET v = "
           ":v','ConditionExpression':'v "
           "= :v',"
           "'ExpressionAttributeValues':{':v':{'N':'1'}}}",
           kConditionFailed},
          {"as can be seen", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'b'}}}", "200 {}"},
          {"a missing attribute differs from every value", "UpdateItem",
           "{'TableName':'tab','Key':{'pk':{'S':'b'}},'UpdateExpression':'SET v = "
           ":v','ConditionExpression':'v "
           "<> :v',"
           "'ExpressionAttributeValues':{':v':{'N':'1'}}}",
           "200 {}"},
          {"a condition that holds", "DeleteItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ConditionExpression':'v < "
           ":v','ExpressionAttributeValues':{':v':"
           "{'N':'2'}}}",
           "200 {}"},
          {"the item is gone", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}", "200 {}"},
      });
}

TEST_CASE("an update answers what ReturnValues asks for") {
  struct Case {
    const char *return_values, *answer;
  };
  const auto c = GENERATE(values<Case>({
      {"NONE", "200 {}"},
      {"ALL_OLD",
       "200 {'Attributes':{'a':{'N':'1'},'m':{'M':{'x':{'N':'1'},'y':{'N':'2'}}},'pk':{'S':'k'},'r':{'S':'r'"
       "}}}"},
      {"ALL_NEW",
       "200 {'Attributes':{'a':{'N':'3'},'m':{'M':{'x':{'N':'5'},'y':{'N':'2'}}},'n':{'N':'2'},'pk':{'S':"
       "'k'}}}"},
      {"UPDATED_OLD", "200 {'Attributes':{'a':{'N':'1'},'m':{'M':{'x':{'N':'1'}}},'r':{'S':'r'}}}"},
      {"UPDATED_NEW", "200 {'Attributes':{'a':{'N':'3'},'m':{'M':{'x':{'N':'5'}}},'n':{'N':'2'}}}"},
  }));
  INFO(c.return_values);
  ServiceFixture service;
  create_hash_table(service);
  service.call(
      "PutItem",
      "{'TableName':'tab','Item':{'pk':{'S':'k'},'a':{'N':'1'},'m':{'M':{'x':{'N':'1'},'y':{'N':'2'}}},'r':{"
      "'S':'r'}}}");
  CHECK(
      service.call(
          "UpdateItem",
          "{'TableName':'tab','Key':{'pk':{'S':'k'}},'UpdateExpression':'SET m.x = :x REMOVE r ADD a :two, n "
          ":two','ExpressionAttributeValues':{':x':{'N':'5'},':two':{'N':'2'}},'ReturnValues':'" +
              std::string(c.return_values) + "'}") == answer_text(c.answer));
}

TEST_CASE("an update of a missing item creates it") {
  ServiceFixture service;
  create_hash_table(service);
  run(service,
      {
          {"from its key alone", "UpdateItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}", "200 {}"},
          {"it is there", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}",
           "200 {'Item':{'pk':{'S':'a'}}}"},
          {"with attributes", "UpdateItem",
           "{'TableName':'tab','Key':{'pk':{'S':'b'}},'UpdateExpression':'SET x = if_not_exists(x, :x)',"
           "'ExpressionAttributeValues':{':x':{'L':[]}},'ReturnValues':'ALL_NEW'}",
           "200 {'Attributes':{'pk':{'S':'b'},'x':{'L':[]}}}"},
          {"there was nothing before", "UpdateItem",
           "{'TableName':'tab','Key':{'pk':{'S':'c'}},'UpdateExpression':'SET x = :x',"
           "'ExpressionAttributeValues':{':x':{'N':'1'}},'ReturnValues':'UPDATED_OLD'}",
           "200 {}"},
      });
}

TEST_CASE("an update must leave the keys alone") {
  ServiceFixture service;
  create_indexed_table(service);
  const std::string key = "{'TableName':'idx','Key':{'pk':{'S':'a'},'sk':{'N':'1'}},";
  run(service,
      {
          {"the sort key", "UpdateItem",
           key + "'UpdateExpression':'SET sk = :v','ExpressionAttributeValues':{':v':{'N':'2'}}}",
           validation_error(
               "One or more parameter values were invalid: Cannot update attribute sk. This attribute is "
               "part of the key")},
          {"not even before the condition is looked at", "UpdateItem",
           key + "'UpdateExpression':'REMOVE pk','ConditionExpression':'attribute_exists(pk)'}",
           validation_error(
               "One or more parameter values were invalid: Cannot update attribute pk. This attribute is "
               "part of the key")},
          {"an index key takes values of its type", "UpdateItem",
           key + "'UpdateExpression':'SET #o = :v','ExpressionAttributeNames':{'#o':'owner'},"
                 "'ExpressionAttributeValues':{':v':{'N':'2'}}}",
           validation_error(
               "One or more parameter values were invalid: Type mismatch for Index Key owner Expected: S "
               "Actual: N IndexName: by-owner")},
          {"and none of a type that is never a key", "UpdateItem",
           key + "'UpdateExpression':'SET #o = :v','ExpressionAttributeNames':{'#o':'owner'},"
                 "'ExpressionAttributeValues':{':v':{'BOOL':true}}}",
           validation_error(
               "One or more parameter values were invalid: Type mismatch for Index Key owner Expected: S "
               "Actual: BOOL IndexName: by-owner")},
          {"nothing was written", "GetItem", key + "'ConsistentRead':true}", "200 {}"},
      });
  CHECK(service
            .call("UpdateItem",
                  key + "'UpdateExpression':'SET pk.x = :v','ExpressionAttributeValues':{':v':{'N':"
                        "'2'}}}")
            .find("Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
                  "allowed: Key: "
                  "pk") != std::string::npos);
}

TEST_CASE("items have a largest size") {
  ServiceFixture service;
  create_hash_table(service);
  // 2 + 1 bytes for the key, 1 for the name `x`.
  const std::string fits(409'600 - 4, 'x');
  CHECK(service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'x':{'S':'" + fits + "'}}}") ==
        "200 {}");
  CHECK(service.call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'x':{'S':'" + fits + "x'}}}") ==
        answer_text(validation_error("Item size has exceeded the maximum allowed size")));
  CHECK(service.call("UpdateItem",
                     "{'TableName':'tab','Key':{'pk':{'S':'a'}},'UpdateExpression':'SET y = :y',"
                     "'ExpressionAttributeValues':{':y':{'S':''}}}") ==
        answer_text(validation_error("Item size to update has exceeded the maximum allowed size")));
  CHECK(service.call("DeleteItem",
                     "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ReturnConsumedCapacity':'TOTAL'}") ==
        answer_text("200 {'ConsumedCapacity':{'TableName':'tab','CapacityUnits':400.0}}"));
}

TEST_CASE("writes say what they consumed on each index, and which item collection they went to") {
  ServiceFixture service;
  create_indexed_table(service);
  const std::string flags = "'ReturnConsumedCapacity':'INDEXES','ReturnItemCollectionMetrics':'SIZE'}";
  const std::string metrics =
      "'ItemCollectionMetrics':{'ItemCollectionKey':{'pk':{'S':'a'}},'SizeEstimateRangeGB':[0.0,1.0]}}";
  const std::string key = "'Key':{'pk':{'S':'a'},'sk':{'N':'1'}},";
  run(service,
      {
          {"no index key, no index", "PutItem",
           "{'TableName':'idx','Item':{'pk':{'S':'a'},'sk':{'N':'1'}}," + flags,
           "200 {'ConsumedCapacity':{'TableName':'idx','CapacityUnits':1.0,'Table':{'CapacityUnits':1.0}}," +
               metrics},
          {"an item enters both", "UpdateItem",
           "{'TableName':'idx'," + key +
               "'UpdateExpression':'SET #at = :v, #o = "
               ":v','ExpressionAttributeNames':{'#at':'at','#o':'owner'},"
               "'ExpressionAttributeValues':{':v':{'S':'x'}}," +
               flags,
           "200 {'ConsumedCapacity':{'TableName':'idx','CapacityUnits':3.0,'Table':{'CapacityUnits':1.0},"
           "'LocalSecondaryIndexes':{'by-date':{'CapacityUnits':1.0}},'GlobalSecondaryIndexes':{'by-owner':{"
           "'CapacityUnits':1.0}}}," +
               metrics},
          {"an attribute that only one index carries", "UpdateItem",
           "{'TableName':'idx'," + key +
               "'UpdateExpression':'SET z = :v','ExpressionAttributeValues':{':v':{'S':'x'}}," + flags,
           "200 {'ConsumedCapacity':{'TableName':'idx','CapacityUnits':2.0,'Table':{'CapacityUnits':1.0},"
           "'GlobalSecondaryIndexes':{'by-owner':{'CapacityUnits':1.0}}}," +
               metrics},
          {"a new index key costs a delete and a put", "UpdateItem",
           "{'TableName':'idx'," + key +
               "'UpdateExpression':'SET #o = :v','ExpressionAttributeNames':{'#o':'owner'},"
               "'ExpressionAttributeValues':{':v':{'S':'y'}},'ReturnConsumedCapacity':'INDEXES'}",
           "200 {'ConsumedCapacity':{'TableName':'idx','CapacityUnits':3.0,'Table':{'CapacityUnits':1.0},"
           "'GlobalSecondaryIndexes':{'by-owner':{'CapacityUnits':2.0}}}}"},
          {"a delete leaves both", "DeleteItem", "{'TableName':'idx'," + key + flags,
           "200 {'ConsumedCapacity':{'TableName':'idx','CapacityUnits':3.0,'Table':{'CapacityUnits':1.0},"
           "'LocalSecondaryIndexes':{'by-date':{'CapacityUnits':1.0}},'GlobalSecondaryIndexes':{'by-owner':{"
           "'CapacityUnits':1.0}}}," +
               metrics},
      });
}

TEST_CASE("a table without local indexes has no item collections to speak of") {
  ServiceFixture service;
  create_hash_table(service);
  CHECK(service.call("PutItem",
                     "{'TableName':'tab','Item':{'pk':{'S':'a'}},'ReturnItemCollectionMetrics':'SIZE'}") ==
        "200 {}");
}

TEST_CASE("requests are judged in the service's order") {
  ServiceFixture service;
  create_hash_table(service);
  run(service,
      {
          {"constraints first", "PutItem", "{'Item':{'pk':{'SS':[]}}}",
           validation_error(
               "1 validation error detected: Value null at ~tableName~ failed to satisfy constraint: "
               "Member must not be null")},
          {"then the mix of parameters", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'SS':[]}},'Expected':{'pk':{'Exists':false}},'"
           "ConditionExpression'"
           ":'('}",
           validation_error(
               "1 validation error detected: Can not use both expression and non-expression parameters in "
               "the same request: Non-expression parameters: {Expected} Expression parameters: "
               "{ConditionExpression}")},
          {"then values", "PutItem", "{'TableName':'tab','Item':{'pk':{'SS':[]}},'ReturnValues':'ALL_NEW'}",
           validation_error(
               "1 validation error detected: One or more parameter values were invalid: An string set  may "
               "not be empty")},
          {"then ReturnValues", "PutItem",
           "{'TableName':'tab','Item':{'pk':{'S':'a'}},'ReturnValues':'ALL_NEW','ConditionExpression':''}",
           validation_error("1 validation error detected: ReturnValues can only be ALL_OLD or NONE")},
          {"expressions before the table is looked up", "PutItem",
           "{'TableName':'none','Item':{'pk':{'S':'a'}},'ConditionExpression':''}",
           validation_error(
               "1 validation error detected: Invalid ConditionExpression: The expression can not be empty;")},
          {"the table before its schema", "PutItem", "{'TableName':'none','Item':{}}", kNotFound},
          {"for every operation: GetItem", "GetItem", "{'TableName':'none','Key':{}}", kNotFound},
          {"UpdateItem", "UpdateItem", "{'TableName':'none','Key':{}}", kNotFound},
          {"DeleteItem", "DeleteItem", "{'TableName':'none','Key':{}}", kNotFound},
          {"a key that does not fit", "GetItem", "{'TableName':'tab','Key':{}}",
           validation_error("The provided key element does not match the schema")},
          {"an item without its key", "PutItem", "{'TableName':'tab','Item':{'x':{'S':'a'}}}",
           validation_error("One or more parameter values were invalid: Missing the key pk in the item")},
          {"values without expressions", "UpdateItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ExpressionAttributeValues':{':v':{'S':'a'}}}",
           validation_error(
               "1 validation error detected: ExpressionAttributeValues can only be specified when using "
               "expressions")},
          {"names that no expression uses", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'ProjectionExpression':'x','ExpressionAttributeNames':{"
           "'#"
           "u':'u'}}",
           validation_error("Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}")},
          {"an attribute asked for twice", "GetItem",
           "{'TableName':'tab','Key':{'pk':{'S':'a'}},'AttributesToGet':['x','x']}",
           validation_error(
               "One or more parameter values were invalid: Duplicate value in attribute name: x")},
      });
}

}  // namespace
}  // namespace tidemark::api
