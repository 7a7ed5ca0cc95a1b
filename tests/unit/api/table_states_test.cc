// What every operation answers while a table or an index is in a passing state. The states themselves are
// proved in unit/storage/table_states_test.cc.
// Source: DynamoDB API reference, CreateTable, UpdateTable, DeleteTable; texts as recorded.
#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {
namespace {

using std::chrono::seconds;

constexpr storage::TransitionTimes kTimes{
    .create = seconds(10), .update = seconds(20), .delete_index = seconds(60), .delete_table = seconds(40)};

std::string refused(const std::string& type, const std::string& message) {
  return R"(400 {"__type":"com.amazonaws.dynamodb.v20120810#)" + type + R"(","message":")" + message +
         R"("})";
}

std::string in_use(const std::string& what) {
  return refused("ResourceInUseException", "Attempt to change a resource which is still in use: " + what);
}

const std::string kNotFound = refused("ResourceNotFoundException", "Requested resource not found");
const std::string kOneIndexAtATime = refused(
    "LimitExceededException",
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");

std::string create(const std::string& name) {
  const auto index = [](const std::string& index_name, const std::string& key) {
    return "{'IndexName':'" + index_name + "','KeySchema':[{'AttributeName':'" + key +
           "','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}";
  };
  return "{'TableName':'" + name +
         "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
         "{'AttributeName':'pk','AttributeType':'S'},{'AttributeName':'g','AttributeType':'S'},"
         "{'AttributeName':'h','AttributeType':'S'}],"
         "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'GlobalSecondaryIndexes':[" +
         index("by_g", "g") + "," + index("by_h", "h") + "]}";
}

const std::string kNamed = "{'TableName':'tab'}";
const std::string kPut = "{'TableName':'tab','Item':{'pk':{'S':'a'},'g':{'S':'x'},'h':{'S':'y'}}}";
const std::string kHarmless = "{'TableName':'tab','DeletionProtectionEnabled':false}";

std::string index_update(const std::string& what) {
  return "{'TableName':'tab','GlobalSecondaryIndexUpdates':[" + what + "]}";
}
std::string delete_index(const std::string& name) {
  return index_update("{'Delete':{'IndexName':'" + name + "'}}");
}

class SlowService : public ServiceFixture {
 public:
  SlowService() : ServiceFixture({}, kTimes) {}

  // `CREATING by_g:CREATING`, as DescribeTable shows it.
  std::string shown() { return states_in(call("DescribeTable", kNamed)); }

  static std::string states_in(const std::string& answer) {
    static const std::regex table(R"re("TableStatus":"(\w+)")re");
    static const std::regex index(R"re("IndexName":"(\w+)".*?"IndexStatus":"(\w+)")re");
    std::smatch found;
    if (!std::regex_search(answer, found, table)) return answer;
    std::string text = found[1];
    for (std::sregex_iterator i(answer.begin(), answer.end(), index), end; i != end; ++i) {
      text += " " + (*i)[1].str() + ":" + (*i)[2].str();
    }
    return text;
  }
};

}  // namespace

TEST_CASE_METHOD(SlowService, "a table that is being created") {
  CHECK(states_in(call("CreateTable", create("tab"))) == "CREATING by_g:CREATING by_h:CREATING");
  pass(seconds(9));
  CHECK(shown() == "CREATING by_g:CREATING by_h:CREATING");
  CHECK(call("DescribeTable", kNamed).find("Backfilling") == std::string::npos);
  CHECK(call("ListTables", "{}") == R"(200 {"TableNames":["tab"]})");

  CHECK(call("PutItem", kPut) == kNotFound);
  CHECK(call("GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}") == kNotFound);
  CHECK(call("Query",
             "{'TableName':'tab','IndexName':'by_g','KeyConditionExpression':'g=:g',"
             "'ExpressionAttributeValues':{':g':{'S':'x'}}}") == kNotFound);
  CHECK(call("Scan", kNamed) == kNotFound);
  CHECK(call("BatchWriteItem", "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'pk':{'S':'a'}}}}]}}") ==
        kNotFound);
  CHECK(call("UpdateTable", kHarmless) == in_use("Table is being created: tab"));
  CHECK(call("DeleteTable", kNamed) == in_use("Table is being created: tab"));
  CHECK(call("CreateTable", create("tab")) == in_use("Table is being created: tab"));
  CHECK(call("DescribeContinuousBackups", kNamed).find("TableNotFoundException") != std::string::npos);

  pass(seconds(1));
  CHECK(shown() == "ACTIVE by_g:ACTIVE by_h:ACTIVE");
  CHECK(call("PutItem", kPut) == "200 {}");
}

TEST_CASE_METHOD(SlowService, "a table that is being updated") {
  call("CreateTable", create("tab"));
  pass(seconds(10));
  const std::string limit = "'OnDemandThroughput':{'MaxReadRequestUnits':7}";
  CHECK(states_in(call("UpdateTable", index_update("{'Update':{'IndexName':'by_h'," + limit + "}}"))) ==
        "UPDATING by_g:ACTIVE by_h:UPDATING");
  pass(seconds(19));
  CHECK(shown() == "UPDATING by_g:ACTIVE by_h:UPDATING");

  // Items are served all the while.
  CHECK(call("PutItem", kPut) == "200 {}");
  CHECK(call("Query",
             "{'TableName':'tab','IndexName':'by_h','KeyConditionExpression':'h=:h','Select':'COUNT',"
             "'ExpressionAttributeValues':{':h':{'S':'y'}}}") == R"(200 {"Count":1,"ScannedCount":1})");
  CHECK(call("UpdateTable", kHarmless) == in_use("Table is being updated: tab"));
  CHECK(call("DeleteTable", kNamed) == in_use("Table is being updated: tab"));
  CHECK(call("CreateTable", create("tab")) == refused("ResourceInUseException", "Table already exists: tab"));

  pass(seconds(1));
  CHECK(shown() == "ACTIVE by_g:ACTIVE by_h:ACTIVE");
  CHECK(call("DescribeTable", kNamed).find("\"MaxReadRequestUnits\":7") != std::string::npos);
}

TEST_CASE_METHOD(SlowService, "a table that is being deleted") {
  call("CreateTable", create("tab"));
  pass(seconds(10));
  call("PutItem", kPut);
  const std::string deleted = call("DeleteTable", kNamed);
  CHECK(states_in(deleted) == "DELETING");
  CHECK(deleted.find(R"("ItemCount":1)") != std::string::npos);
  pass(seconds(39));
  CHECK(shown() == "DELETING by_g:ACTIVE by_h:ACTIVE");
  CHECK(call("ListTables", "{}") == R"(200 {"TableNames":["tab"]})");

  CHECK(call("PutItem", kPut) == kNotFound);
  CHECK(call("GetItem", "{'TableName':'tab','Key':{'pk':{'S':'a'}}}") == kNotFound);
  CHECK(call("UpdateTable", kHarmless) == in_use("Table is being deleted: tab"));
  CHECK(call("CreateTable", create("tab")) == refused("ResourceInUseException", "Table already exists: tab"));
  CHECK(call("DeleteTable", kNamed) == in_use("Table is being deleted: tab"));

  pass(seconds(1));
  CHECK(call("DescribeTable", kNamed) ==
        refused("ResourceNotFoundException", "Requested resource not found: Table: tab not found"));
  CHECK(call("ListTables", "{}") == R"(200 {"TableNames":[]})");
  CHECK(states_in(call("CreateTable", create("tab"))) == "CREATING by_g:CREATING by_h:CREATING");
}

TEST_CASE_METHOD(SlowService, "an index that is being deleted") {
  call("CreateTable", create("tab"));
  pass(seconds(10));
  call("PutItem", kPut);
  CHECK(states_in(call("UpdateTable", delete_index("by_g"))) == "UPDATING by_g:DELETING by_h:ACTIVE");
  pass(seconds(20));
  CHECK(shown() == "ACTIVE by_g:DELETING by_h:ACTIVE");

  CHECK(call("Query",
             "{'TableName':'tab','IndexName':'by_g','KeyConditionExpression':'g=:g',"
             "'ExpressionAttributeValues':{':g':{'S':'x'}}}") ==
        R"(400 {"__type":"com.amazon.coral.validate#ValidationException",)"
        R"("message":"The table does not have the specified index: by_g"})");
  CHECK(call("UpdateTable", delete_index("by_h")) == kOneIndexAtATime);
  CHECK(call("UpdateTable", delete_index("by_g")) == in_use("Index is being deleted: by_g"));
  CHECK(
      call("UpdateTable",
           index_update("{'Update':{'IndexName':'by_g','OnDemandThroughput':{'MaxReadRequestUnits':7}}}")) ==
      in_use("Index is being deleted: by_g"));
  // What does not concern it goes on.
  CHECK(states_in(call("UpdateTable", kHarmless)) == "ACTIVE by_g:DELETING by_h:ACTIVE");
  pass(seconds(20));
  CHECK(shown() == "ACTIVE by_g:DELETING by_h:ACTIVE");

  pass(seconds(20));
  CHECK(shown() == "ACTIVE by_h:ACTIVE");
  CHECK(call("DescribeTable", kNamed)
            .starts_with(R"(200 {"Table":{"AttributeDefinitions":[{"AttributeName":"h","AttributeType":"S"},)"
                         R"({"AttributeName":"pk","AttributeType":"S"}])"));
  CHECK(states_in(call("UpdateTable", delete_index("by_h"))) == "UPDATING by_h:DELETING");
}

TEST_CASE_METHOD(SlowService, "a refused change leaves the table in the state it was in") {
  call("CreateTable", create("tab"));
  pass(seconds(10));
  CHECK(call("UpdateTable", delete_index("none")) ==
        refused("ResourceNotFoundException", "Requested resource not found: Index none for table tab"));
  CHECK(shown() == "ACTIVE by_g:ACTIVE by_h:ACTIVE");
  call("UpdateTable", "{'TableName':'tab','DeletionProtectionEnabled':true}");
  pass(seconds(20));
  CHECK(call("DeleteTable", kNamed).find("currently protected against deletion") != std::string::npos);
  CHECK(shown() == "ACTIVE by_g:ACTIVE by_h:ACTIVE");
}

TEST_CASE("by default the next request finds the table ready, or gone") {
  ServiceFixture service;
  CHECK(SlowService::states_in(service.call("CreateTable", create("tab"))) ==
        "CREATING by_g:CREATING by_h:CREATING");
  CHECK(service.call("PutItem", kPut) == "200 {}");
  CHECK(SlowService::states_in(service.call("UpdateTable", delete_index("by_g"))) ==
        "UPDATING by_g:DELETING by_h:ACTIVE");
  CHECK(SlowService::states_in(service.call("DescribeTable", kNamed)) == "ACTIVE by_h:ACTIVE");
  const std::string deleted = service.call("DeleteTable", kNamed);
  CHECK(SlowService::states_in(deleted) == "DELETING");
  CHECK(deleted.find(R"("ItemCount":1)") != std::string::npos);
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":[]})");
}

}  // namespace tidemark::api
