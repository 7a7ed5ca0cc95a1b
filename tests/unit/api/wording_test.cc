// The same bad requests under both wordings, through the dispatcher.
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

ServiceFixture& service(model::Wording wording) {
  const auto make = [](model::Wording spoken) {
    Settings settings;
    settings.wording = spoken;
    auto fixture = std::make_unique<ServiceFixture>(settings);
    fixture->call(
        "CreateTable",
        "{'TableName':'tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':"
        "'pk','AttributeType':'S'},{'AttributeName':'sk','AttributeType':'S'},{'AttributeName':'gk',"
        "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':"
        "'sk','KeyType':'RANGE'}],'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{"
        "'AttributeName':'gk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}]}");
    return fixture;
  };
  static const auto classic = make(model::Wording::kClassic);
  static const auto current = make(model::Wording::kCurrent);
  return wording == model::Wording::kClassic ? *classic : *current;
}

// In bodies and messages single quotes stand for double ones, in messages a tilde for a single quote.
struct Case {
  const char* why;
  const char* operation;
  std::string body;
  std::string classic;
  std::string current = {};  // empty: the same
};

void check(const Case& c) {
  INFO(c.why);
  INFO(c.operation << " " << c.body);
  const auto said = [&](model::Wording wording) { return service(wording).call(c.operation, c.body); };
  const auto expected = [](std::string message) {
    for (std::size_t at = 0; (at = message.find('"', at)) != std::string::npos; at += 2) {
      message.insert(at, "\\");
    }
    return answer_text(validation_error(message));
  };
  CHECK(said(model::Wording::kClassic) == expected(c.classic));
  CHECK(said(model::Wording::kCurrent) == expected(c.current.empty() ? c.classic : c.current));
}

std::string enveloped(const std::string& message) { return "1 validation error detected: " + message; }

const std::string kPut = "{'TableName':'tab','Item':{'pk':{'S':'a'},'sk':{'S':'b'}}";
const std::string kKey = "'TableName':'tab','Key':{'pk':{'S':'a'},'sk':{'S':'b'}}";
const std::string kUpdate = "{" + kKey;
const std::string kDelete = "{" + kKey;
const std::string kInvalid = "One or more parameter values were invalid: ";

const std::string kTooDeep =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
    "supported limit";

std::string nested(int levels) {
  std::string value = "{'S':'x'}";
  for (int i = 0; i < levels; ++i) value.insert(0, "{'M':{'n':").append("}}");
  return value;
}

TEST_CASE("PutItem, UpdateItem and DeleteItem: what is wrong with the request is enveloped") {
  const std::string syntax = R"(Invalid ConditionExpression: Syntax error; token: "=", near: "= = b")";
  const std::string no_expression = "ExpressionAttributeValues can only be specified when using expressions";
  const std::string mixed =
      "Can not use both expression and non-expression parameters in the same request: Non-expression "
      "parameters: "
      "{Expected} Expression parameters: {ConditionExpression}";
  const auto same = [](const char* why, const char* operation, std::string body, const std::string& message) {
    return Case{why, operation, std::move(body), message, enveloped(message)};
  };
  check(GENERATE_COPY(values<Case>({
      same("syntax", "PutItem", kPut + ",'ConditionExpression':'a = = b'}", syntax),
      same("syntax", "DeleteItem", kDelete + ",'ConditionExpression':'a = = b'}", syntax),
      same("syntax of an update", "UpdateItem", kUpdate + ",'UpdateExpression':'INVALID SYNTAX HERE'}",
           R"(Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX")"),
      same("empty", "UpdateItem", kUpdate + ",'UpdateExpression':''}",
           "Invalid UpdateExpression: The expression can not be empty;"),
      same("too long", "UpdateItem",
           kUpdate + ",'UpdateExpression':'SET a = b" + std::string(4'096, ' ') + "'}",
           "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;"),
      same("an undefined value", "UpdateItem", kUpdate + ",'UpdateExpression':'SET a = :v'}",
           "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
           "attribute "
           "value: :v"),
      same("redundant parentheses", "PutItem", kPut + ",'ConditionExpression':'((attribute_exists(a)))'}",
           "Invalid ConditionExpression: The expression has redundant parentheses;"),
      same("the same operand", "PutItem", kPut + ",'ConditionExpression':'contains(a, a)'}",
           "Invalid ConditionExpression: The first operand must be distinct from the remaining operands for "
           "this "
           "operator or function; operator: contains, first operand: [a]"),
      same("overlap", "UpdateItem", kUpdate + ",'UpdateExpression':'REMOVE a, a.b'}",
           "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one "
           "of "
           "these paths; path one: [a], path two: [a, b]"),
      same(
          "a section twice", "UpdateItem", kUpdate + ",'UpdateExpression':'REMOVE a REMOVE b'}",
          R"(Invalid UpdateExpression: The "REMOVE" section can only be used once in an update expression;)"),
      same("unused names", "UpdateItem",
           kUpdate + ",'UpdateExpression':'REMOVE a','ExpressionAttributeNames':{'#u':'b'}}",
           "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}"),
      same("empty names", "DeleteItem",
           kDelete + ",'ConditionExpression':'attribute_exists(a)','ExpressionAttributeNames':{}}",
           "ExpressionAttributeNames must not be empty"),
      same("names without an expression", "DeleteItem", kDelete + ",'ExpressionAttributeNames':{'#a':'a'}}",
           "ExpressionAttributeNames can only be specified when using expressions"),
      {"values without an expression", "PutItem", kPut + ",'ExpressionAttributeValues':{':v':{'S':'x'}}}",
       no_expression + ": ConditionExpression is null", enveloped(no_expression)},
      {"the same of an update", "UpdateItem", kUpdate + ",'ExpressionAttributeValues':{':v':{'S':'x'}}}",
       no_expression + ": UpdateExpression and ConditionExpression are null", enveloped(no_expression)},
      same("mixed styles", "DeleteItem", kDelete + ",'Expected':{},'ConditionExpression':'a = b'}", mixed),
      same("ReturnValues", "DeleteItem", kDelete + ",'ReturnValues':'ALL_NEW'}",
           "ReturnValues can only be ALL_OLD or NONE"),
      same("an empty set", "PutItem", "{'TableName':'tab','Item':{'pk':{'SS':[]}}}",
           kInvalid + "An string set  may not be empty"),
      same("NULL:false", "PutItem", "{'TableName':'tab','Item':{'pk':{'NULL':false}}}",
           kInvalid + "Null attribute value types must have the value of true"),
  })));
}

TEST_CASE("some messages are bare in both wordings") {
  check(GENERATE_COPY(values<Case>({
      {"no type", "PutItem", "{'TableName':'tab','Item':{'pk':{}}}",
       "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
      {"two types, in an expression value", "UpdateItem",
       kUpdate + ",'UpdateExpression':'SET a = :v','ExpressionAttributeValues':{':v':{'S':'x','N':'1'}}}",
       "ExpressionAttributeValues contains invalid value: Supplied AttributeValue has more than one "
       "datatypes set, "
       "must contain exactly one of the supported datatypes for key :v",
       "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
       "datatypes"},
      {"nesting", "PutItem", "{'TableName':'tab','Item':{'pk':" + nested(32) + "}}", kTooDeep},
      {"nesting of an expression value", "UpdateItem",
       kUpdate + ",'UpdateExpression':'SET a = :v','ExpressionAttributeValues':{':v':" + nested(32) + "}}",
       "ExpressionAttributeValues contains invalid value: " + kTooDeep + " for key :v", kTooDeep},
      {"an attribute without a name", "PutItem", "{'TableName':'tab','Item':{'':{'S':'x'}}}",
       kInvalid + "Empty attribute name"},
      {"an item that is too large", "PutItem",
       "{'TableName':'tab','Item':{'pk':{'S':'" + std::string(409'600, 'x') + "'}}}",
       "Item size has exceeded the maximum allowed size"},
      {"the key of an item", "PutItem", "{'TableName':'tab','Item':{'pk':{'N':'1'},'sk':{'S':'b'}}}",
       kInvalid + "Type mismatch for key pk expected: S actual: N"},
      {"an empty key", "DeleteItem", "{'TableName':'tab','Key':{'pk':{'S':''},'sk':{'S':'b'}}}",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty "
       "string value. Key: pk"},
      {"a Key of other attributes", "UpdateItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}",
       "The provided key element does not match the schema"},
      {"an update of the key", "UpdateItem", kUpdate + ",'UpdateExpression':'REMOVE sk'}",
       kInvalid + "Cannot update attribute sk. This attribute is part of the key"},
      {"an index key", "PutItem", "{'TableName':'tab','Item':{'gk':{'N':'1'},'pk':{'S':'a'},'sk':{'S':'b'}}}",
       kInvalid + "Type mismatch for Index Key gk Expected: S Actual: N IndexName: gsi"},
      {"an index key that is no key at all, by an update", "UpdateItem",
       kUpdate + ",'UpdateExpression':'SET gk = :v','ExpressionAttributeValues':{':v':{'BOOL':true}}}",
       "The update expression attempted to update the secondary index key to unsupported type",
       kInvalid + "Type mismatch for Index Key gk Expected: S Actual: BOOL IndexName: gsi"},
      {"a path that leads nowhere", "UpdateItem",
       kUpdate + ",'UpdateExpression':'SET a.b = :v','ExpressionAttributeValues':{':v':{'S':'x'}}}",
       "The document path provided in the update expression is invalid for update"},
      {"an attribute that is not there", "UpdateItem", kUpdate + ",'UpdateExpression':'SET a = b'}",
       "The provided expression refers to an attribute that does not exist in the item"},
  })));
}

// The older layer reads what nests past 62 levels, so that all of its words are the classic ones.
TEST_CASE("a write that nests too deep for the newer layer") {
  const auto condition = [](int levels) {
    return ",'ConditionExpression':'a = :v','ExpressionAttributeValues':{':v':" + nested(levels) + "}}";
  };
  const std::string not_old = "ReturnValues can only be ALL_OLD or NONE";
  const std::string wrapped = "ExpressionAttributeValues contains invalid value: " + kTooDeep + " for key :v";
  check(GENERATE_COPY(values<Case>({
      {"40 levels", "DeleteItem", kDelete + ",'ReturnValues':'ALL_NEW'" + condition(40), not_old,
       enveloped(not_old)},
      {"63 levels", "DeleteItem", kDelete + ",'ReturnValues':'ALL_NEW'" + condition(63), not_old},
      {"100 levels", "DeleteItem", kDelete + ",'ReturnValues':'ALL_NEW'" + condition(100), not_old},
      {"in the key", "DeleteItem", "{'TableName':'tab','Key':{'sk':{'N':''},'pk':" + nested(63) + "}}",
       "The parameter cannot be converted to a numeric value"},
      {"the value itself, 40 levels", "PutItem", kPut + condition(40), wrapped, kTooDeep},
      {"the value itself, 63 levels", "PutItem", kPut + condition(63), wrapped},
  })));
}

// Bad numbers and sets: three layers of code, one after the other.
TEST_CASE("values by operation") {
  const std::string not_a_number = "The parameter cannot be converted to a numeric value";
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  const std::string underflow =
      "Number underflow. Attempting to store a number with magnitude smaller than supported range";
  struct Value {
    std::string json, older, newer;
  };
  const auto value = GENERATE_COPY(values<Value>({
      {"{'N':'abc'}", not_a_number + ": abc", not_a_number + ": abc"},
      {"{'N':''}", not_a_number, not_a_number + ": "},
      {"{'N':'1e126'}", overflow, overflow},
      {"{'N':'1e2147483647'}", underflow, overflow},
      {"{'NS':['2','1','2']}", "Input collection contains duplicates",
       kInvalid + "Input collection contains duplicates."},
      {"{'SS':['b','a','b']}", kInvalid + "Input collection [b, a, b] contains duplicates.",
       kInvalid + R"(Input collection ["a", "b", "b"] contains duplicates.)"},
      {"{'BS':['/w==','AA==','AA==']}",
       kInvalid + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
       kInvalid + R"(Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.)"},
  }));
  const std::string wrapped =
      "ExpressionAttributeValues contains invalid value: " + value.older + " for key :v";
  const std::string values_of = "'ExpressionAttributeValues':{':v':" + value.json + "}}";
  const std::vector<Case> cases = {
      {"item", "PutItem",
       "{'TableName':'tab','Item':{'pk':{'S':'a'},'x':{'M':{'l':{'L':[" + value.json + "]}}}}}", value.older,
       enveloped(value.newer)},
      {"condition", "PutItem", kPut + ",'ConditionExpression':'a = :v'," + values_of, wrapped,
       enveloped(value.newer)},
      {"key", "UpdateItem", "{'TableName':'tab','Key':{'pk':" + value.json + "}}", value.older,
       enveloped(value.newer)},
      {"update", "UpdateItem", kUpdate + ",'UpdateExpression':'SET a = :v'," + values_of, wrapped,
       enveloped(value.newer)},
      {"key", "DeleteItem", "{'TableName':'tab','Key':{'pk':" + value.json + "}}", value.older,
       enveloped(value.newer)},
      {"key", "GetItem", "{'TableName':'tab','Key':{'pk':" + value.json + "}}", value.older, value.newer},
      {"key", "BatchGetItem", "{'RequestItems':{'tab':{'Keys':[{'pk':" + value.json + "}]}}}", value.older,
       value.newer},
      {"filter", "Query",
       "{'TableName':'tab','KeyConditionExpression':'pk = :v','FilterExpression':'a = :v'," + values_of,
       wrapped, value.newer},
      {"start key", "Query",
       "{'TableName':'tab','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{':p':{'S':'a'}},"
       "'ExclusiveStartKey':{'pk':" +
           value.json + "}}",
       value.older, value.newer},
      {"item", "BatchWriteItem",
       "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':" + value.json + "}}}]}}", value.older},
      {"filter", "Scan", "{'TableName':'tab','FilterExpression':'a = :v'," + values_of, wrapped},
      {"start key", "Scan", "{'TableName':'tab','ExclusiveStartKey':{'pk':" + value.json + "}}", value.older},
  };
  for (const Case& c : cases) check(c);
}

TEST_CASE("constraints by operation") {
  const std::string no_enum =
      "1 validation error detected: Value ~X~ at ~returnValues~ failed to satisfy constraint: "
      "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]";
  const std::string no_capacity =
      "Value ~X~ at ~returnConsumedCapacity~ failed to satisfy constraint: Member must satisfy enum value "
      "set: "
      "[INDEXES, TOTAL, NONE]";
  const std::string newer_enum =
      "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, "
      "UPDATE_NEW, "
      "NONE]";
  const std::string at_least_one =
      " failed to satisfy constraint: Member must have length greater than or equal to 1";
  check(GENERATE_COPY(values<Case>({
      {"ReturnValues", "PutItem", kPut + ",'ReturnValues':'X'}", no_enum, enveloped(newer_enum)},
      {"three at once", "PutItem",
       kPut + ",'ReturnConsumedCapacity':'X','ReturnItemCollectionMetrics':'X','ReturnValues':'X'}",
       "3 validation errors detected: " + no_capacity + "; " + no_enum.substr(29) +
           "; Value ~X~ at ~returnItemCollectionMetrics~ failed to satisfy constraint: Member must satisfy "
           "enum value "
           "set: [SIZE, NONE]",
       "3 validation errors detected: " + no_capacity + "; " + newer_enum +
           "; Value ~X~ at ~returnItemCollectionMetrics~ failed to satisfy constraint: Member must satisfy "
           "enum value "
           "set: [SIZE, NONE]"},
      {"two at once", "DeleteItem", kDelete + ",'ReturnConsumedCapacity':'X','ReturnValues':'X'}",
       "2 validation errors detected: " + no_capacity + "; " + no_enum.substr(29),
       "2 validation errors detected: " + no_capacity + "; " + newer_enum},
      {"and of an update", "UpdateItem", kUpdate + ",'ReturnConsumedCapacity':'X','ReturnValues':'X'}",
       "2 validation errors detected: " + no_capacity + "; " + no_enum.substr(29),
       "2 validation errors detected: " + no_capacity + "; " + newer_enum},
      {"ConditionalOperator", "UpdateItem", kUpdate + ",'ConditionalOperator':'X'}",
       "1 validation error detected: Value ~X~ at ~conditionalOperator~ failed to satisfy constraint: Member "
       "must "
       "satisfy enum value set: [OR, AND]",
       "1 validation error detected: Failed to satisfy constraint: Member must satisfy enum value set: [ALL, "
       "OR]"},
      {"and of Scan", "Scan", "{'TableName':'tab','ConditionalOperator':'X'}",
       "1 validation error detected: Value ~X~ at ~conditionalOperator~ failed to satisfy constraint: Member "
       "must "
       "satisfy enum value set: [OR, AND]"},
      {"an empty name", "DeleteItem", "{'TableName':'','Key':{},'ReturnValues':'X'}",
       "1 validation error detected: Value ~~ at ~tableName~" + at_least_one,
       "1 validation error detected: Value at ~TableName~" + at_least_one},
      {"an empty name elsewhere", "GetItem", "{'TableName':'','Key':{}}",
       "1 validation error detected: Value ~~ at ~tableName~" + at_least_one},
      {"an update without a key", "UpdateItem", "{'TableName':'','ConditionalOperator':'X'}",
       "3 validation errors detected: Value ~~ at ~tableName~" + at_least_one +
           "; Value ~X~ at ~conditionalOperator~ failed to satisfy constraint: Member must satisfy enum "
           "value set: "
           "[OR, AND]; Value null at ~key~ failed to satisfy constraint: Member must not be null"},
      {"Limit of Query", "Query", "{'TableName':'tab','Limit':0}",
       "1 validation error detected: Value at ~Limit~ failed to satisfy constraint: Member must have value "
       "greater "
       "than or equal to 1"},
      {"Limit of Scan", "Scan", "{'TableName':'tab','Limit':0}",
       "1 validation error detected: Value ~0~ at ~limit~ failed to satisfy constraint: Member must have "
       "value greater "
       "than or equal to 1"},
      {"nothing to read", "BatchGetItem", "{'RequestItems':{}}",
       "The requestItems parameter is required for BatchGetItem",
       "1 validation error detected: Value at ~RequestItems~" + at_least_one},
      {"nothing to write", "BatchWriteItem", "{'RequestItems':{}}",
       "The requestItems parameter is required for BatchWriteItem"},
      {"no keys", "BatchGetItem", "{'RequestItems':{'tab':{'Keys':[]}}}",
       "1 validation error detected: Value at ~RequestItems.tab.member.Keys~" + at_least_one},
      {"order of BatchGetItem", "BatchGetItem",
       "{'RequestItems':{'tab':{'Keys':[]}},'ReturnConsumedCapacity':'X'}",
       "2 validation errors detected: Value at ~RequestItems.tab.member.Keys~" + at_least_one + "; " +
           no_capacity},
  })));
}

TEST_CASE("reads: what else moved") {
  check(GENERATE_COPY(values<Case>({
      {"three key conditions", "Query",
       "{'TableName':'tab','KeyConditionExpression':'pk = :v AND sk = :v AND x = "
       ":v','ExpressionAttributeValues':{'"
       ":v':{'S':'a'}}}",
       "Conditions can be of length 1 or 2 only",
       "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"},
      {"syntax errors are bare", "Query", "{'TableName':'tab','KeyConditionExpression':'pk = = b'}",
       R"(Invalid KeyConditionExpression: Syntax error; token: "=", near: "= = b")"},
      {"and of Scan", "Scan", "{'TableName':'tab','FilterExpression':'pk = = b'}",
       R"(Invalid FilterExpression: Syntax error; token: "=", near: "= = b")"},
      {"Select on Query", "Query",
       "{'TableName':'tab','KeyConditionExpression':'pk = "
       ":v','ExpressionAttributeValues':{':v':{'S':'a'}},'Select':"
       "'ALL_PROJECTED_ATTRIBUTES'}",
       "1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an "
       "IndexName"},
  })));
}

TEST_CASE("more writes to a table than a batch takes") {
  std::string requests;
  for (int i = 0; i < 26; ++i) {
    if (i > 0) requests += ',';
    requests += "{'DeleteRequest':{'Key':{'pk':{'S':'" + std::to_string(i) + "'}}}}";
  }
  const std::string body = "{'RequestItems':{'tab':[" + requests + "]}}";
  const std::string classic = service(model::Wording::kClassic).call("BatchWriteItem", body);
  CHECK(classic.find("1 validation error detected: Value '{tab=[WriteRequest(putRequest=null, "
                     "deleteRequest=DeleteRequest(key={pk=AttributeValue(s=0, n=null, ") !=
        std::string::npos);
  CHECK(classic.find(
            "' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member "
            "must have length less than or equal to 25, Member must have length greater than or equal to "
            "1]") != std::string::npos);
  CHECK(service(model::Wording::kCurrent).call("BatchWriteItem", body) ==
        answer_text(
            validation_error("1 validation error detected: Value at ~RequestItems.tab.member~ failed to "
                             "satisfy constraint: Member must have length less than or equal to 25")));
}

// Under kCurrent an update is judged by what its statement writes, before its condition is looked at.
TEST_CASE("the size of an update's statement") {
  const auto update = [](model::Wording wording, const std::string& pk, std::size_t bytes) {
    return service(wording).call(
        "UpdateItem", "{'TableName':'tab','Key':{'pk':{'S':'" + pk +
                          "'},'sk':{'S':''}},'UpdateExpression':'SET b = :v','ConditionExpression':"
                          "'attribute_exists(pk)','ExpressionAttributeValues':{':v':{'S':'" +
                          std::string(bytes, 'x') + "'}}}");
  };
  const std::string too_large =
      answer_text(validation_error("Item size to update has exceeded the maximum allowed size"));
  // 3 for the update, 19 for the SET, 1 for the name.
  constexpr std::size_t kLargest = 409'600 - 23;
  const std::string not_too_large = update(model::Wording::kCurrent, "a", kLargest);
  CHECK(not_too_large != too_large);
  CHECK(update(model::Wording::kCurrent, "a", kLargest + 1) == too_large);
  CHECK(update(model::Wording::kClassic, "a", kLargest + 1) == not_too_large);
}

}  // namespace
}  // namespace tidemark::api
