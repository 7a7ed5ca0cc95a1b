// TransactWriteItems and TransactGetItems through the dispatcher.
#include <string>
#include <vector>

#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

void create(ServiceFixture& service, const std::string& name, const std::string& more = "") {
  const std::string answer = service.call(
      "CreateTable", "{'TableName':'" + name +
                         "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
                         "'AttributeType':'S'}" +
                         (more.empty() ? "" : ",{'AttributeName':'at','AttributeType':'S'}") +
                         "],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}" +
                         (more.starts_with("'Local") ? ",{'AttributeName':'at','KeyType':'RANGE'}" : "") +
                         "]" + (more.empty() ? "" : "," + more) + "}");
  INFO(answer);
  REQUIRE(answer.substr(0, 3) == "200");
}

const std::string kGlobalIndex =
    "'GlobalSecondaryIndexes':[{'IndexName':'by-at','KeySchema':[{'AttributeName':'at','KeyType':'HASH'}],"
    "'Projection':{'ProjectionType':'ALL'}}]";

struct TransactionsFixture : ServiceFixture {
  TransactionsFixture() {
    create(*this, "tab");
    create(*this, "two");
    call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'n':{'N':'5'}}}");
    call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'b'}}}");
  }
};

// The body of a TransactWriteItems request with these actions, which may leave out the name of the table.
std::string writes(const std::string& actions, const std::string& more = "") {
  return "{'TransactItems':[" + actions + "]" + more + "}";
}

std::string canceled(const std::string& codes, const std::string& reasons) {
  return "400 "
         "{'__type':'com.amazonaws.dynamodb.v20120810#TransactionCanceledException','CancellationReasons':[" +
         reasons +
         "],'Message':'Transaction cancelled, please refer cancellation reasons for specific reasons [" +
         codes + "]'}";
}

std::string modelled(const std::string& type, const std::string& message) {
  return "400 {'__type':'com.amazonaws.dynamodb.v20120810#" + type + "','Message':'" + message + "'}";
}

const std::string kInvalid = "One or more parameter values were invalid: ";
const std::string kFailed = "{'Code':'ConditionalCheckFailed','Message':'The conditional request failed'}";
const std::string kNone = "{'Code':'None'}";
const std::string kMismatch =
    "{'Code':'ValidationError','Message':'The provided key element does not match the schema'}";

TEST_CASE_METHOD(TransactionsFixture, "a transaction writes to several tables, all or nothing") {
  run(*this,
      {
          {"every kind of action", "TransactWriteItems",
           writes("{'Put':{'TableName':'two','Item':{'pk':{'S':'x'},'n':{'N':'1.0'}}}},"
                  "{'Update':{'TableName':'tab','Key':{'pk':{'S':'a'}},'UpdateExpression':'SET n = n + :one',"
                  "'ExpressionAttributeValues':{':one':{'N':'1'}}}},"
                  "{'Delete':{'TableName':'tab','Key':{'pk':{'S':'b'}}}},"
                  "{'ConditionCheck':{'TableName':'tab','Key':{'pk':{'S':'c'}},'ConditionExpression':"
                  "'attribute_not_exists(pk)'}}"),
           "200 {}"},
          {"all of it is there", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'tab','Key':{'pk':{'S':'b'}}}},{'Get':{'TableName':'two',"
           "'Key':{'pk':{'S':'x'}}}},{'Get':{'TableName':'tab','Key':{'pk':{'S':'a'}},"
           "'ProjectionExpression':'#n','ExpressionAttributeNames':{'#n':'n'}}}]}",
           "200 {'Responses':[{},{'Item':{'n':{'N':'1'},'pk':{'S':'x'}}},{'Item':{'n':{'N':'6'}}}]}"},
          {"one condition fails", "TransactWriteItems",
           writes("{'Put':{'TableName':'two','Item':{'pk':{'S':'y'}}}},"
                  "{'Delete':{'TableName':'tab','Key':{'pk':{'S':'a'}},'ConditionExpression':'n = :v',"
                  "'ExpressionAttributeValues':{':v':{'N':'7'}},'ReturnValuesOnConditionCheckFailure':'ALL_"
                  "OLD'}}"),
           canceled("None, ConditionalCheckFailed",
                    kNone + ",{'Code':'ConditionalCheckFailed','Item':{'n':{'N':'6'},'pk':{'S':'a'}},"
                            "'Message':'The conditional request failed'}")},
          {"nothing was put", "GetItem", "{'TableName':'two','Key':{'pk':{'S':'y'}}}", "200 {}"},
          {"every action is judged, and told in its place", "TransactWriteItems",
           writes("{'ConditionCheck':{'TableName':'tab','Key':{'pk':{'S':'z'}},'ConditionExpression':"
                  "'attribute_exists(pk)','ReturnValuesOnConditionCheckFailure':'ALL_OLD'}},"
                  "{'Update':{'TableName':'tab','Key':{'pk':{'S':'a'}},'UpdateExpression':'SET n = m'}},"
                  "{'Put':{'TableName':'two','Item':{'pk':{'S':'y'}}}},"
                  "{'Delete':{'TableName':'tab','Key':{'pk':{'N':'1'}}}},"
                  "{'Put':{'TableName':'two','Item':{'pk':{'L':[]}}}},"
                  "{'Delete':{'TableName':'tab','Key':{}}}"),
           canceled("ConditionalCheckFailed, ValidationError, None, ValidationError, ValidationError, "
                    "ValidationError",
                    kFailed +
                        ",{'Code':'ValidationError','Message':'The provided expression refers to an "
                        "attribute that "
                        "does not exist in the item'}," +
                        kNone + "," + kMismatch + ",{'Code':'ValidationError','Message':'" + kInvalid +
                        "Type mismatch for key pk expected: S actual: L'}," + kMismatch)},
      });
}

TEST_CASE_METHOD(TransactionsFixture, "what is wrong with the request itself is no cancellation") {
  const std::string put = "{'Put':{'TableName':'tab','Item':{'pk':{'S':'a'}}}}";
  const std::string no_key_value =
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
      "empty "
      "string value. Key: pk";
  run(*this,
      {
          {"none", "TransactWriteItems", writes(""),
           validation_error("1 validation error detected: Value ~[]~ at ~transactItems~ failed to satisfy "
                            "constraint: Member must have length greater than or equal to 1")},
          {"two in one", "TransactWriteItems",
           writes(
               "{'Put':{'TableName':'tab','Item':{'pk':{'S':'a'}}},'Delete':{'TableName':'tab','Key':{'pk':"
               "{'S':'a'}}}}"),
           validation_error("TransactItems can only contain one of Check, Put, Update or Delete")},
          {"nothing in one", "TransactWriteItems", writes("{}"),
           validation_error(
               "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")},
          {"a bad name, with its place", "TransactWriteItems",
           writes("{'Put':{'TableName':'bad!name','Item':{'pk':{'S':'a'}}}}"),
           validation_error(
               "1 validation error detected: Value ~bad!name~ at ~transactItems.1.member.put.tableName~ "
               "failed to satisfy constraint: Member must satisfy regular expression pattern: "
               "[a-zA-Z0-9_.-]+")},
          {"a bad name in a read", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'tab','Key':{'pk':{'S':'a'}}}},{'Get':{'TableName':'bad!"
           "name','Key':"
           "{'pk':{'S':'a'}}}}]}",
           validation_error(
               "1 validation error detected: Value ~bad!name~ at ~transactItems.2.member.get.tableName~ "
               "failed to satisfy constraint: Member must satisfy regular expression pattern: "
               "[a-zA-Z0-9_.-]+")},
          {"token and enum, in this order", "TransactWriteItems",
           writes(
               put,
               ",'ClientRequestToken':'1234567890123456789012345678901234567','ReturnConsumedCapacity':'X'"),
           validation_error(
               "2 validation errors detected: Value ~1234567890123456789012345678901234567~ at "
               "~clientRequestToken~ "
               "failed to satisfy constraint: Member must have length less than or equal to 36; Value ~X~ at "
               "~returnConsumedCapacity~ failed to satisfy constraint: Member must satisfy enum value set: "
               "[INDEXES, TOTAL, NONE]")},
          {"an item twice", "TransactWriteItems", writes(put + "," + put),
           validation_error("Transaction request cannot include multiple operations on one item")},
          {"the same by ARN", "TransactWriteItems",
           writes(put + ",{'ConditionCheck':{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/tab',"
                        "'Key':{'pk':{'S':'a'}},'ConditionExpression':'attribute_exists(pk)'}}"),
           validation_error("Transaction request cannot include multiple operations on one item")},
          {"before the missing table", "TransactWriteItems",
           writes("{'Put':{'TableName':'none','Item':{'pk':{'S':'a'}}}}," + put + "," + put),
           validation_error("Transaction request cannot include multiple operations on one item")},
          {"an item read twice", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'tab','Key':{'pk':{'S':'a'}}}},{'Get':{'TableName':'tab','"
           "Key':"
           "{'pk':{'S':'a'}}}}]}",
           validation_error("Transaction request cannot include multiple operations on one item")},
          {"a missing table", "TransactWriteItems",
           writes(put + ",{'Delete':{'TableName':'none','Key':{'pk':{'S':'a'}}}}"), kNotFound},
          {"a missing table of a read", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'none','Key':{'pk':{'S':'a'}}}}]}", kNotFound},
          {"an empty key is the request's", "TransactWriteItems",
           writes("{'Delete':{'TableName':'tab','Key':{'pk':{'S':''}}}}"), validation_error(no_key_value)},
          {"that of a put, too", "TransactWriteItems",
           writes("{'Put':{'TableName':'tab','Item':{'pk':{'S':''}}}}"), validation_error(no_key_value)},
          {"syntax, of a table that is not there", "TransactWriteItems",
           writes("{'Update':{'TableName':'none','Key':{'pk':{'S':'a'}},'UpdateExpression':'SET'}}"),
           validation_error("Invalid UpdateExpression: Syntax error; token: \\'<EOF>\\', near: \\'SET\\'")},
          {"what is not used goes before bad numbers", "TransactWriteItems",
           writes("{'Put':{'TableName':'tab','Item':{'pk':{'S':'a'},'n':{'N':'x'}},'ConditionExpression':"
                  "'attribute_exists(pk)','ExpressionAttributeNames':{'#a':'a'}}}"),
           validation_error("Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}")},
          {"a bad number, in the older words", "TransactWriteItems",
           writes("{'Put':{'TableName':'tab','Item':{'pk':{'S':'a'},'n':{'N':''}}}}"),
           validation_error("The parameter cannot be converted to a numeric value")},
          {"a projection", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'tab','Key':{'pk':{'S':'a'}},'ProjectionExpression':'!!!'}}"
           "]}",
           validation_error("Invalid ProjectionExpression: Syntax error; token: \\'!\\', near: \\'!!\\'")},
          {"a key that does not fit cancels a read", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'tab','Key':{'pk':{'S':'a'}}}},{'Get':{'TableName':'tab','"
           "Key':"
           "{}}}]}",
           canceled("None, ValidationError", kNone + "," + kMismatch)},
          {"nothing was changed", "GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}",
           "200 {'Item':{'n':{'N':'5'},'pk':{'S':'a'}}}"},
      });
}

std::string large_put(int number) {
  return "{'Put':{'TableName':'tab','Item':{'pk':{'S':'" + std::to_string(number) + "'},'v':{'S':'" +
         std::string(400'000, 'x') + "'}}}}";
}

TEST_CASE_METHOD(TransactionsFixture, "items of 4 MB in all are the limit") {
  std::string ten = large_put(0);
  for (int i = 1; i < 10; ++i) ten += "," + large_put(i);
  const std::string too_large =
      answer_text(validation_error("The aggregate size of the items in the transaction exceeds 4 MB"));
  CHECK(call("TransactWriteItems", writes(ten + "," + large_put(10))) == too_large);
  CHECK(call("TransactWriteItems", writes(ten)) == "200 {}");
  CHECK(call("PutItem", "{'TableName':'two','Item':{'pk':{'S':'x'},'v':{'S':'" + std::string(300'000, 'x') +
                            "'}}}") == "200 {}");
  std::string gets;
  std::string updates;
  for (int i = 0; i < 10; ++i) {
    const std::string key = "'TableName':'tab','Key':{'pk':{'S':'" + std::to_string(i) + "'}}";
    gets += "{'Get':{" + key + "}},";
    updates += "{'Update':{" + key + ",'UpdateExpression':'REMOVE w'}},";
  }
  const std::string last = "'TableName':'two','Key':{'pk':{'S':'x'}}";
  CHECK(call("TransactGetItems", writes(gets + "{'Get':{" + last + "}}")) == too_large);
  CHECK(call("TransactWriteItems", writes(updates + "{'Delete':{" + last + "}}")) == too_large);
  CHECK(call("TransactGetItems", writes(gets.substr(0, gets.size() - 1))).substr(0, 3) == "200");
}

TEST_CASE_METHOD(TransactionsFixture, "transactions cost twice, on the table alone") {
  create(*this, "gsi", kGlobalIndex);
  call("PutItem",
       "{'TableName':'tab','Item':{'pk':{'S':'big'},'v':{'S':'" + std::string(5'000, 'x') + "'}}}");
  run(*this,
      {
          {"by table, under the first name", "TransactWriteItems",
           writes(
               "{'Put':{'TableName':'gsi','Item':{'pk':{'S':'a'},'at':{'S':'x'}}}},"
               "{'ConditionCheck':{'TableName':'tab','Key':{'pk':{'S':'big'}},'ConditionExpression':"
               "'attribute_exists(pk)'}},"
               "{'Delete':{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/gsi','Key':{'pk':{'S':"
               "'none'}}}}",
               ",'ReturnConsumedCapacity':'INDEXES'"),
           "200 {'ConsumedCapacity':[{'TableName':'gsi','CapacityUnits':5.0,'WriteCapacityUnits':5.0,"
           "'Table':{'CapacityUnits':4.0,'WriteCapacityUnits':4.0},'GlobalSecondaryIndexes':{'by-at':"
           "{'CapacityUnits':1.0,'WriteCapacityUnits':1.0}}},{'TableName':'tab','CapacityUnits':10.0,"
           "'WriteCapacityUnits':10.0,'Table':{'CapacityUnits':10.0,'WriteCapacityUnits':10.0}}]}"},
          {"the total alone", "TransactWriteItems",
           writes("{'Put':{'TableName':'two','Item':{'pk':{'S':'a'}}}}", ",'ReturnConsumedCapacity':'TOTAL'"),
           "200 {'ConsumedCapacity':[{'TableName':'two','CapacityUnits':2.0,'WriteCapacityUnits':2.0}]}"},
          {"reads, of what is missing too", "TransactGetItems",
           "{'TransactItems':[{'Get':{'TableName':'tab','Key':{'pk':{'S':'big'}}}},{'Get':{'TableName':'tab',"
           "'Key':"
           "{'pk':{'S':'none'}},'ProjectionExpression':'v'}}],'ReturnConsumedCapacity':'TOTAL'}",
           "200 {'Responses':[{'Item':{'pk':{'S':'big'},'v':{'S':'" + std::string(5'000, 'x') +
               "'}}},{}],'ConsumedCapacity':[{'TableName':'tab','CapacityUnits':6.0,'ReadCapacityUnits':6.0}]"
               "}"},
      });
}

TEST_CASE_METHOD(TransactionsFixture,
                 "item collections are told by table, each once, without those only checked") {
  create(*this, "loc",
         "'LocalSecondaryIndexes':[{'IndexName':'by-x','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{"
         "'AttributeName':'at','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}]");
  const auto put = [](const std::string& pk, const std::string& at) {
    return "{'Put':{'TableName':'loc','Item':{'pk':{'S':'" + pk + "'},'at':{'S':'" + at + "'}}}}";
  };
  CHECK(call("TransactWriteItems",
             writes("{'Put':{'TableName':'tab','Item':{'pk':{'S':'q'}}}}," + put("a", "1") + "," +
                        put("a", "2") + "," + put("b", "1") +
                        ",{'ConditionCheck':{'TableName':'loc','Key':{'pk':{'S':'c'},'at':{'S':'1'}},"
                        "'ConditionExpression':'attribute_not_exists(pk)'}}",
                    ",'ReturnItemCollectionMetrics':'SIZE'")) ==
        answer_text("200 {'ItemCollectionMetrics':{'loc':[{'ItemCollectionKey':{'pk':{'S':'a'}},"
                    "'SizeEstimateRangeGB':[0.0,1.0]},{'ItemCollectionKey':{'pk':{'S':'b'}},"
                    "'SizeEstimateRangeGB':[0.0,1.0]}]}}"));
}

const std::string kIncrement =
    "{'Update':{'TableName':'tab','Key':{'pk':{'S':'a'}},'UpdateExpression':'ADD n :one',"
    "'ExpressionAttributeValues':{':one':{'N':'1'}}}}";
// The same, written by another library.
const std::string kIncrementInAnotherOrder =
    "{'Update':{'ExpressionAttributeValues':{':one':{'N':'1'}},'ConditionExpression':null,'Key':{'pk':{'S':'"
    "a'}},"
    "'UpdateExpression':'ADD n :one','TableName':'tab'}}";

TEST_CASE_METHOD(TransactionsFixture, "a token makes a transaction happen once, for ten minutes") {
  const auto send = [this](const std::string& items, const std::string& more = ",'ClientRequestToken':'t'") {
    return call("TransactWriteItems", writes(items, more));
  };
  const auto value = [this] { return call("GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}"); };
  const std::string six = answer_text("200 {'Item':{'n':{'N':'6'},'pk':{'S':'a'}}}");
  const std::string other = answer_text(modelled(
      "IdempotentParameterMismatchException",
      "DynamoDB rejected the request because you retried a request with a different payload but with an "
      "idempotent token that was already used."));
  CHECK(send(kIncrement) == "200 {}");
  CHECK(send(kIncrement) == "200 {}");
  CHECK(value() == six);
  CHECK(send(kIncrementInAnotherOrder) == "200 {}");
  CHECK(send("{'Delete':{'TableName':'tab','Key':{'pk':{'S':'a'}}}}") == other);
  CHECK(value() == six);
  // A repetition costs what reading the item does.
  CHECK(send(kIncrement, ",'ReturnConsumedCapacity':'TOTAL','ClientRequestToken':'t'") ==
        answer_text(
            "200 {'ConsumedCapacity':[{'TableName':'tab','CapacityUnits':2.0,'ReadCapacityUnits':2.0}]}"));
  // Tokens are everybody's own.
  CHECK(call_as("123456789012", "TransactWriteItems", writes(kIncrement, ",'ClientRequestToken':'t'")) ==
        answer_text(kNotFound));
  reopen();
  CHECK(send(kIncrement) == "200 {}");
  CHECK(value() == six);
  pass(std::chrono::seconds(599));
  CHECK(send(kIncrement) == "200 {}");
  CHECK(value() == six);
  pass(std::chrono::seconds(1));
  CHECK(send(kIncrement) == "200 {}");
  CHECK(value() == answer_text("200 {'Item':{'n':{'N':'7'},'pk':{'S':'a'}}}"));
}

TEST_CASE_METHOD(TransactionsFixture, "the token of a transaction that was cancelled is free again") {
  const std::string check =
      "{'ConditionCheck':{'TableName':'tab','Key':{'pk':{'S':'c'}},'ConditionExpression':'attribute_exists("
      "pk)'}}";
  const std::string body = writes(check, ",'ClientRequestToken':'t'");
  CHECK(call("TransactWriteItems", body) == answer_text(canceled("ConditionalCheckFailed", kFailed)));
  call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'c'}}}");
  CHECK(call("TransactWriteItems", body) == "200 {}");
  // One that only checked has happened, too.
  call("DeleteItem", "{'TableName':'tab','Key':{'pk':{'S':'c'}}}");
  CHECK(call("TransactWriteItems", body) == "200 {}");
}

TEST_CASE_METHOD(TransactionsFixture, "a transaction that is being carried out is met") {
  const auto table = engine().catalog().find({.account_id = "000000000000", .region = "us-east-1"}, "tab");
  REQUIRE(table);
  const model::Key a{{{model::KeyType::kString, "a"}}, {}};
  const std::string key = "{'TableName':'tab','Key':{'pk':{'S':'a'}}";
  const std::string others = "{'Delete':{'TableName':'tab','Key':{'pk':{'S':'b'}}}}";
  const std::string conflict =
      "400 {'__type':'com.amazonaws.dynamodb.v20120810#TransactionConflictException','message':'Transaction "
      "is ongoing "
      "for the item'}";
  const std::string reason = "{'Code':'TransactionConflict','Message':'Transaction is ongoing for the item'}";
  const auto holder = GENERATE(storage::LockHolder::kTransaction, storage::LockHolder::kWrite);
  {
    const auto running = engine().begin();
    REQUIRE(running->try_lock({{table, a}}, holder, {}).empty());
    run(*this,
        {
            {"readers see what was", "GetItem", key + "}", "200 {'Item':{'n':{'N':'5'},'pk':{'S':'a'}}}"},
            {"but for transactions", "TransactGetItems",
             "{'TransactItems':[{'Get':{'TableName':'two','Key':{'pk':{'S':'a'}}}},{'Get':" + key + "}}]}",
             canceled("None, TransactionConflict", kNone + "," + reason)},
        });
    if (holder == storage::LockHolder::kTransaction) {
      run(*this,
          {
              {"a put", "PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'}}}", conflict},
              {"an update", "UpdateItem", key + "}", conflict},
              {"a delete", "DeleteItem", key + "}", conflict},
              {"another item", "PutItem", "{'TableName':'tab','Item':{'pk':{'S':'c'}}}", "200 {}"},
              {"another transaction", "TransactWriteItems", writes(others + ",{'Delete':" + key + "}}"),
               canceled("None, TransactionConflict", kNone + "," + reason)},
          });
    }
  }
  CHECK(call("TransactWriteItems", writes(others + ",{'Delete':" + key + "}}")) == "200 {}");
}

TEST_CASE_METHOD(TransactionsFixture,
                 "a network thread waits for nobody: it answers or leaves the request to others") {
  const auto table = engine().catalog().find({.account_id = "000000000000", .region = "us-east-1"}, "tab");
  REQUIRE(table);
  const model::Key a{{{model::KeyType::kString, "a"}}, {}};
  const std::string put = "{'TableName':'tab','Item':{'pk':{'S':'a'}}}";
  const std::string transaction = writes("{'Put':" + put + "}");
  const std::string with_token = writes("{'Put':" + put + "}", ",'ClientRequestToken':'t'");
  const std::string batch = "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}}]}}";
  struct Case {
    storage::LockHolder holder;
    const char* operation;
    std::string body;
    const char* error;  // null: left to others
  };
  const Case cases[] = {
      {storage::LockHolder::kWrite, "PutItem", put, nullptr},
      {storage::LockHolder::kWrite, "BatchWriteItem", batch, nullptr},
      {storage::LockHolder::kWrite, "TransactWriteItems", with_token, nullptr},
      {storage::LockHolder::kTransaction, "PutItem", put, "TransactionConflictException"},
      {storage::LockHolder::kTransaction, "BatchWriteItem", batch, nullptr},
      {storage::LockHolder::kTransaction, "TransactWriteItems", transaction, "TransactionCanceledException"},
  };
  for (const Case& c : cases) {
    INFO(c.operation);
    {
      const auto running = engine().begin();
      REQUIRE(running->try_lock({{table, a}}, c.holder, {}).empty());
      const auto answer = call_quickly(c.operation, c.body);
      CHECK(answer.has_value() == (c.error != nullptr));
      if (answer && c.error != nullptr) CHECK(answer->find(c.error) != std::string::npos);
    }
    CHECK(call_quickly(c.operation, c.body)->substr(0, 3) == "200");
    CHECK(call("PutItem", put) == "200 {}");
  }
  // Large items are others' work, too.
  call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'v':{'S':'" + std::string(40'000, 'x') + "'}}}");
  CHECK_FALSE(
      call_quickly("TransactWriteItems", writes("{'Delete':{'TableName':'tab','Key':{'pk':{'S':'a'}}}}")));
}

TEST_CASE_METHOD(TransactionsFixture, "a token whose transaction is being carried out is in use") {
  const std::string key{"000000000000\0us-east-1\0TransactWriteItems\0t", 43};
  const std::string body = writes(kIncrement, ",'ClientRequestToken':'t'");
  {
    const auto claim = engine().receipts().claim(key);
    REQUIRE(claim);
    REQUIRE_FALSE(claim->is_taken());
    CHECK(call("TransactWriteItems", body) ==
          answer_text(modelled("TransactionInProgressException",
                               "The transaction with the given request token is already in progress.")));
  }
  CHECK(call("TransactWriteItems", body) == "200 {}");
}

}  // namespace
}  // namespace tidemark::api
