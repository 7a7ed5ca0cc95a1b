// Transcripts: a request, its exact answer.
#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {
namespace {

std::string invalid(const std::string& message) {
  return R"(400 {"__type":"com.amazon.coral.validate#ValidationException","message":")" + message + R"("})";
}

std::string modelled(const std::string& type, const std::string& message) {
  return R"(400 {"__type":"com.amazonaws.dynamodb.v20120810#)" + type + R"(","message":")" + message +
         R"("})";
}

const std::string kHashKey =
    "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]";

std::string on_demand(const std::string& name, const std::string& more = "") {
  return "{'TableName':'" + name + "'," + kHashKey + ",'BillingMode':'PAY_PER_REQUEST'" + more + "}";
}

std::string provisioned(const std::string& name, int units, const std::string& more = "") {
  const std::string number = std::to_string(units);
  return "{'TableName':'" + name + "'," + kHashKey +
         ",'ProvisionedThroughput':{'ReadCapacityUnits':" + number + ",'WriteCapacityUnits':" + number + "}" +
         more + "}";
}

std::string named(const std::string& name) { return "{'TableName':'" + name + "'}"; }

bool contains(const std::string& text, std::string_view part) {
  return text.find(ServiceFixture::with_double_quotes(std::string(part))) != std::string::npos;
}

const std::string kWithGsi =
    "{'TableName':'gsi','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
    "{'AttributeName':'a','AttributeType':'N'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
    "'GlobalSecondaryIndexes':[{'IndexName':'idx','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],"
    "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['x']},"
    "'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':2}}],"
    "'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4}}";

}  // namespace

TEST_CASE("an on-demand table from creation to deletion") {
  ServiceFixture service;
  CHECK(
      service.call("CreateTable", on_demand("music")) ==
      R"(200 {"TableDescription":{"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],)"
      R"("KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"CreationDateTime":1767225600,)"
      R"("TableName":"music","TableStatus":"CREATING","ProvisionedThroughput":{"NumberOfDecreasesToday":0,)"
      R"("ReadCapacityUnits":0,"WriteCapacityUnits":0},"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},)"
      R"("TableSizeBytes":0,"ItemCount":0,"TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/music",)"
      R"("TableId":"<uuid>","DeletionProtectionEnabled":false}})");
  CHECK(
      service.call("DescribeTable", named("music")) ==
      R"(200 {"Table":{"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],)"
      R"("KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"CreationDateTime":1767225600,)"
      R"("TableName":"music","TableStatus":"ACTIVE","ProvisionedThroughput":{"NumberOfDecreasesToday":0,)"
      R"("ReadCapacityUnits":0,"WriteCapacityUnits":0},"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST",)"
      R"("LastUpdateToPayPerRequestDateTime":1767225600},"TableSizeBytes":0,"ItemCount":0,)"
      R"("TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/music","TableId":"<uuid>",)"
      R"("DeletionProtectionEnabled":false,"WarmThroughput":{"ReadUnitsPerSecond":12000,"Status":"ACTIVE",)"
      R"("WriteUnitsPerSecond":4000}}})");
  CHECK(service.call("CreateTable", on_demand("music")) ==
        modelled("ResourceInUseException", "Table already exists: music"));
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":["music"]})");
  CHECK(
      service.call("DeleteTable", named("music")) ==
      R"(200 {"TableDescription":{"TableName":"music","TableStatus":"DELETING",)"
      R"("ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},)"
      R"("BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1767225600},)"
      R"("TableSizeBytes":0,"ItemCount":0,"TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/music",)"
      R"("TableId":"<uuid>","DeletionProtectionEnabled":false}})");
  const std::string not_found =
      modelled("ResourceNotFoundException", "Requested resource not found: Table: music not found");
  CHECK(service.call("DescribeTable", named("music")) == not_found);
  CHECK(service.call("DeleteTable", named("music")) == not_found);
  CHECK(service.call("UpdateTable", "{'TableName':'music','BillingMode':'PAY_PER_REQUEST'}") == not_found);
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":[]})");
}

TEST_CASE("a provisioned table with a global index") {
  ServiceFixture service;
  const std::string created = service.call("CreateTable", kWithGsi);
  CHECK(contains(created,
                 "'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'N'},"
                 "{'AttributeName':'pk','AttributeType':'S'}]"));
  CHECK(contains(created, "'IndexStatus':'CREATING'"));
  CHECK_FALSE(contains(created, "BillingModeSummary"));
  CHECK_FALSE(contains(created, "WarmThroughput"));
  CHECK(contains(service.call("DescribeTable", named("gsi")),
                 "'GlobalSecondaryIndexes':[{'IndexName':'idx','KeySchema':[{'AttributeName':'a','KeyType':"
                 "'HASH'}],'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['x']},"
                 "'IndexStatus':'ACTIVE','ProvisionedThroughput':{'NumberOfDecreasesToday':0,"
                 "'ReadCapacityUnits':1,'WriteCapacityUnits':2},'WarmThroughput':{'ReadUnitsPerSecond':1,"
                 "'Status':'ACTIVE','WriteUnitsPerSecond':2},'IndexSizeBytes':0,'ItemCount':0,"
                 "'IndexArn':'arn:aws:dynamodb:us-east-1:000000000000:table/gsi/index/idx'}]"));
}

TEST_CASE("settings given at creation are shown") {
  ServiceFixture service;
  service.call("CreateTable",
               on_demand("set",
                         ",'DeletionProtectionEnabled':true,'TableClass':'STANDARD_INFREQUENT_ACCESS',"
                         "'SSESpecification':{'Enabled':true},'OnDemandThroughput':{"
                         "'MaxReadRequestUnits':10},'WarmThroughput':{'ReadUnitsPerSecond':20000}"));
  const std::string table = service.call("DescribeTable", named("set"));
  CHECK(contains(table, "'DeletionProtectionEnabled':true"));
  CHECK(contains(table, "'TableClassSummary':{'TableClass':'STANDARD_INFREQUENT_ACCESS'}"));
  CHECK(contains(table,
                 "'SSEDescription':{'Status':'ENABLED','SSEType':'KMS','KMSMasterKeyArn':"
                 "'arn:aws:kms:us-east-1:000000000000:alias/aws/dynamodb'}"));
  CHECK(contains(table, "'OnDemandThroughput':{'MaxReadRequestUnits':10}"));
  CHECK(contains(table,
                 "'WarmThroughput':{'ReadUnitsPerSecond':20000,'Status':'ACTIVE',"
                 "'WriteUnitsPerSecond':4000}"));
  CHECK(service.call("DeleteTable", named("set")) ==
        invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
                "protection first."));
  service.call("UpdateTable", "{'TableName':'set','DeletionProtectionEnabled':false}");
  CHECK(contains(service.call("DeleteTable", named("set")), "'TableStatus':'DELETING'"));
}

TEST_CASE("CreateTable judges constraints first") {
  struct Case {
    std::string body, message;
  };
  const auto c = GENERATE(values<Case>({
      {"{" + kHashKey + "}", "The parameter 'TableName' is required but was not present in the request"},
      {on_demand("ab"),
       "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must "
       "have "
       "length greater than or equal to 3"},
      {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'X'}],"
       "'KeySchema':[{'AttributeName':'pk','KeyType':'Y'}],'BillingMode':'Z'}",
       "3 validation errors detected: Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to "
       "satisfy constraint: Member must satisfy enum value set: [B, N, S]; Value 'Z' at 'billingMode' failed "
       "to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]; Value 'Y' "
       "at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: "
       "[HASH, RANGE]"},
      {"{'TableName':'abc'," + kHashKey + ",'ProvisionedThroughput':{'ReadCapacityUnits':0}}",
       "2 validation errors detected: Value null at 'provisionedThroughput.writeCapacityUnits' failed to "
       "satisfy constraint: Member must not be null; Value '0' at 'provisionedThroughput.readCapacityUnits' "
       "failed to satisfy constraint: Member must have value greater than or equal to 1"},
      {on_demand("abc", ",'TableClass':'GOLD'"),
       "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
       "STANDARD_INFREQUENT_ACCESS]."},
      {on_demand("abc",
                 ",'SSESpecification':{'KMSMasterKeyId':''},'StreamSpecification':{'StreamEnabled':true,"
                 "'StreamViewType':''}"),
       "2 validation errors detected: Value '' at 'sSESpecification.kMSMasterKeyId' failed to satisfy "
       "constraint: Member must have length greater than or equal to 1; Value '' at "
       "'streamSpecification.streamViewType' failed to satisfy constraint: Member must satisfy enum value "
       "set: "
       "[OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]"},
      {on_demand("abc", ",'StreamSpecification':{'StreamEnabled':false,'StreamViewType':'NEW_IMAGE'}"),
       "One or more parameter values were invalid: Table is being created with a stream disabled, "
       "UpdateViewType should not be specified"},
  }));
  ServiceFixture service;
  CHECK(service.call("CreateTable", c.body) == invalid(c.message));
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":[]})");
}

TEST_CASE("options of global tables over several accounts are refused") {
  struct Case {
    const char* option;
    const char* what;
  };
  const auto c = GENERATE(values<Case>({
      {",'GlobalTableSettingsReplicationMode':'ENABLED'", "GlobalTableSettingsReplicationMode ENABLED"},
      {",'GlobalTableSourceArn':'arn'", "GlobalTableSourceArn"},
  }));
  ServiceFixture service;
  CHECK(service.call("CreateTable", on_demand("abc", c.option)) ==
        invalid("One or more parameter values were invalid: " + std::string(c.what) +
                " is for global tables with replicas in several accounts, which are not available in this "
                "Region. Use ReplicaUpdates of UpdateTable"));
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":[]})");
}

TEST_CASE("tables are listed by name, in pages") {
  ServiceFixture service;
  for (const char* const name : {"b.1", "a-1", "B_1"}) service.call("CreateTable", on_demand(name));
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":["B_1","a-1","b.1"]})");
  CHECK(service.call("ListTables", "{'Limit':2}") ==
        R"(200 {"LastEvaluatedTableName":"a-1","TableNames":["B_1","a-1"]})");
  CHECK(service.call("ListTables", "{'Limit':2,'ExclusiveStartTableName':'a-1'}") ==
        R"(200 {"TableNames":["b.1"]})");
  CHECK(service.call("ListTables", "{'Limit':1,'ExclusiveStartTableName':'aaa'}") ==
        R"(200 {"TableNames":["b.1"]})");
}

TEST_CASE("each account has its own tables, and ARNs reach across") {
  ServiceFixture service;
  service.call_as("111122223333", "CreateTable", on_demand("mine"));
  CHECK(service.call("ListTables", "{}") == R"(200 {"TableNames":[]})");
  CHECK(service.call_as("111122223333", "ListTables", "{}") == R"(200 {"TableNames":["mine"]})");
  const std::string arn = "arn:aws:dynamodb:us-east-1:111122223333:table/mine";
  CHECK(contains(service.call("DescribeTable", named(arn)), "'TableArn':'" + arn + "'"));
  CHECK(service.call("DescribeTable", named("arn:aws:dynamodb:eu-west-1:111122223333:table/mine")) ==
        modelled("ResourceNotFoundException", "Requested resource not found: Table: mine not found"));
}

TEST_CASE("tables outlive a restart") {
  ServiceFixture service;
  service.call("CreateTable", kWithGsi);
  const std::string before = service.call("DescribeTable", named("gsi"));
  service.reopen();
  CHECK(service.call("DescribeTable", named("gsi")) == before);
}

TEST_CASE("throughput is changed and its changes are dated") {
  ServiceFixture service;
  service.call("CreateTable", provisioned("abc", 5));
  service.clock().advance_seconds(10);
  CHECK(contains(service.call("UpdateTable",
                              "{'TableName':'abc','ProvisionedThroughput':{'ReadCapacityUnits':6,"
                              "'WriteCapacityUnits':4}}"),
                 "'TableStatus':'UPDATING'"));
  const std::string table = service.call("DescribeTable", named("abc"));
  CHECK(contains(table,
                 "'TableStatus':'ACTIVE','ProvisionedThroughput':{'LastIncreaseDateTime':1767225610,"
                 "'LastDecreaseDateTime':1767225610,'NumberOfDecreasesToday':0,'ReadCapacityUnits':6,"
                 "'WriteCapacityUnits':4}"));
  CHECK(service.call("UpdateTable",
                     "{'TableName':'abc','ProvisionedThroughput':{'ReadCapacityUnits':6,"
                     "'WriteCapacityUnits':4}}") ==
        invalid("The provisioned throughput for the table will not change. The requested value equals the "
                "current value. Current ReadCapacityUnits provisioned for the table: 6. Requested "
                "ReadCapacityUnits: 6. Current WriteCapacityUnits provisioned for the table: 4. Requested "
                "WriteCapacityUnits: 4. Refer to the Amazon DynamoDB Developer Guide for current limits and "
                "how to request higher limits."));
}

TEST_CASE("billing modes are switched both ways") {
  ServiceFixture service;
  service.call("CreateTable", kWithGsi);
  CHECK(contains(service.call("UpdateTable", "{'TableName':'gsi','BillingMode':'PAY_PER_REQUEST'}"),
                 "'BillingModeSummary':{'BillingMode':'PAY_PER_REQUEST','LastUpdateToPayPerRequestDateTime':"
                 "1767225600}"));
  // Once more is no error.
  CHECK(
      contains(service.call("UpdateTable", "{'TableName':'gsi','BillingMode':'PAY_PER_REQUEST'}"), "200 {"));
  const std::string prefix = "One or more parameter values were invalid: ";
  CHECK(service.call("UpdateTable", "{'TableName':'gsi','BillingMode':'PROVISIONED'}") ==
        invalid(prefix + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"));
  const std::string units = "'ProvisionedThroughput':{'ReadCapacityUnits':7,'WriteCapacityUnits':8}";
  CHECK(service.call("UpdateTable", "{'TableName':'gsi','BillingMode':'PROVISIONED'," + units + "}") ==
        invalid(prefix + "ProvisionedThroughput must be specified for index: idx"));
  CHECK(service.call("UpdateTable", "{'TableName':'gsi'," + units + "}") ==
        invalid(prefix +
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                "PAY_PER_REQUEST"));
  const std::string table = service.call(
      "UpdateTable", "{'TableName':'gsi','BillingMode':'PROVISIONED'," + units +
                         ",'GlobalSecondaryIndexUpdates':[{'Update':{'IndexName':'idx'," + units + "}}]}");
  CHECK(contains(table, "'BillingMode':'PROVISIONED'"));
  CHECK(contains(table, "'IndexStatus':'UPDATING'"));
  CHECK(contains(service.call("DescribeTable", named("gsi")),
                 "'IndexStatus':'ACTIVE','ProvisionedThroughput':{'NumberOfDecreasesToday':0,"
                 "'ReadCapacityUnits':7,'WriteCapacityUnits':8}"));
}

TEST_CASE("UpdateTable refuses what makes no sense") {
  ServiceFixture service;
  service.call("CreateTable", on_demand("abc"));
  const std::string prefix = "One or more parameter values were invalid: ";
  const std::string nothing =
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates "
      "or SSESpecification or ReplicaUpdates is required";
  CHECK(service.call("UpdateTable", named("abc")) == invalid(nothing));
  CHECK(service.call("UpdateTable", "{'TableName':'abc','GlobalSecondaryIndexUpdates':[]}") ==
        invalid(nothing));
  CHECK(service.call("UpdateTable", "{}") ==
        invalid("The parameter 'TableName' is required but was not present in the request"));
  CHECK(service.call("UpdateTable", "{'TableName':'abc','GlobalSecondaryIndexUpdates':[{}]}") ==
        invalid(prefix + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                         "GlobalSecondaryIndexUpdate.Delete must not be null"));
  const std::string update = "{'Update':{'IndexName':'idx','OnDemandThroughput':{'MaxReadRequestUnits':5}}}";
  CHECK(service.call("UpdateTable",
                     "{'TableName':'abc','GlobalSecondaryIndexUpdates':[" + update + "," + update + "]}") ==
        invalid(prefix + "Only one global secondary index update per index is allowed simultaneously. Index: "
                         "idx"));
  CHECK(contains(
      service.call("UpdateTable", "{'TableName':'abc','GlobalSecondaryIndexUpdates':[" + update + "]}"),
      "ResourceNotFoundException"));
  // Nothing of it was applied.
  CHECK(contains(service.call("DescribeTable", named("abc")), "'TableStatus':'ACTIVE'"));
}

TEST_CASE("a global index is deleted with the definitions that only it used") {
  ServiceFixture service;
  service.call("CreateTable", kWithGsi);
  const std::string deletion = "{'Delete':{'IndexName':'idx'}}";
  const std::string other = "{'Delete':{'IndexName':'other'}}";
  const auto update = [&service](const std::string& list) {
    return service.call("UpdateTable", "{'TableName':'gsi','GlobalSecondaryIndexUpdates':[" + list + "]}");
  };
  CHECK(
      update(deletion + "," + other) ==
      modelled("LimitExceededException",
               "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per "
               "table"));
  CHECK(update(other) ==
        modelled("ResourceNotFoundException", "Requested resource not found: Index other for table gsi"));
  CHECK(contains(update(deletion), "'IndexStatus':'DELETING'"));
  const std::string table = service.call("DescribeTable", named("gsi"));
  CHECK(contains(table, "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}]"));
  CHECK(contains(table, "'TableStatus':'ACTIVE'"));
  CHECK_FALSE(contains(table, "GlobalSecondaryIndexes"));
  CHECK(update(deletion) ==
        modelled("ResourceNotFoundException", "Requested resource not found: Index idx for table gsi"));
}

TEST_CASE("on-demand limits are merged and removed member by member") {
  ServiceFixture service;
  service.call("CreateTable", on_demand("abc", ",'OnDemandThroughput':{'MaxReadRequestUnits':10}"));
  service.call("UpdateTable", "{'TableName':'abc','OnDemandThroughput':{'MaxWriteRequestUnits':20}}");
  CHECK(contains(service.call("DescribeTable", named("abc")),
                 "'OnDemandThroughput':{'MaxReadRequestUnits':10,'MaxWriteRequestUnits':20}"));
  CHECK(contains(
      service.call("UpdateTable", "{'TableName':'abc','OnDemandThroughput':{'MaxReadRequestUnits':-1}}"),
      "'OnDemandThroughput':{'MaxReadRequestUnits':-1,'MaxWriteRequestUnits':20}"));
  CHECK(contains(service.call("DescribeTable", named("abc")),
                 "'OnDemandThroughput':{'MaxWriteRequestUnits':20}"));
  CHECK(service.call("UpdateTable", "{'TableName':'abc','OnDemandThroughput':{'MaxReadRequestUnits':0}}") ==
        invalid("One or more parameter values were invalid: Requested MaxReadRequestUnits for "
                "OnDemandThroughput for table is outside of valid range"));
  service.call("UpdateTable", "{'TableName':'abc','OnDemandThroughput':{'MaxWriteRequestUnits':-1}}");
  CHECK_FALSE(contains(service.call("DescribeTable", named("abc")), "OnDemandThroughput"));
}

TEST_CASE("what was warm stays so") {
  ServiceFixture service;
  service.call("CreateTable", provisioned("abc", 5));
  const auto update = [&service](const std::string& change) {
    return service.call("UpdateTable", "{'TableName':'abc'," + change + "}");
  };
  const auto units = [](int n) {
    const std::string text = std::to_string(n);
    return "'ProvisionedThroughput':{'ReadCapacityUnits':" + text + ",'WriteCapacityUnits':" + text + "}";
  };
  const auto is_warm = [&service](const std::string& read, const std::string& write) {
    return contains(service.call("DescribeTable", named("abc")),
                    "'WarmThroughput':{'ReadUnitsPerSecond':" + read +
                        ",'Status':'ACTIVE','WriteUnitsPerSecond':" + write + "}");
  };
  CHECK(is_warm("5", "5"));
  update(units(7));
  update(units(1));
  CHECK(is_warm("7", "7"));
  CHECK(update("'WarmThroughput':{'ReadUnitsPerSecond':6}") ==
        invalid(
            "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for "
            "table is lower than current WarmThroughput, decreasing WarmThroughput is not supported"));
  update("'WarmThroughput':{'WriteUnitsPerSecond':9}");
  CHECK(is_warm("7", "9"));
  update("'BillingMode':'PAY_PER_REQUEST'");
  CHECK(is_warm("12000", "4000"));
  update("'BillingMode':'PROVISIONED'," + units(2));
  CHECK(is_warm("12000", "4000"));
}

TEST_CASE("UpdateTable changes mostly one thing at a time") {
  struct Case {
    std::string changes;
    const char* message;
  };
  const std::string sse = "'SSESpecification':{'Enabled':true}", table_class = "'TableClass':'STANDARD'";
  const std::string protection = "'DeletionProtectionEnabled':true";
  const std::string warm = "'WarmThroughput':{'ReadUnitsPerSecond':20000}";
  const std::string limits = "'OnDemandThroughput':{'MaxReadRequestUnits':5}";
  const std::string stream = "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'NEW_IMAGE'}";
  const std::string units = "'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1}";
  const std::string on_demand_again = "'BillingMode':'PAY_PER_REQUEST'";
  const std::string creation =
      "'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],'GlobalSecondaryIndexUpdates':[{"
      "'Create':{'IndexName':'idx','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'Projection':{"
      "'ProjectionType':'ALL'}}}]";
  const auto c = GENERATE_COPY(values<Case>({
      {protection + "," + sse,
       "Server-Side Encryption modification must be the only operation in the request"},
      {sse + "," + table_class,
       "Server-Side Encryption modification must be the only operation in the request"},
      {protection + "," + table_class, "TableClass modification must be the only operation in the request"},
      {protection + "," + warm, "DeletionProtection modification must be the only operation in the request"},
      {protection + "," + on_demand_again,
       "DeletionProtection modification must be the only operation in the request"},
      {protection + "," + creation,
       "DeletionProtection modification must be the only operation in the request"},
      {warm + "," + limits, "WarmThroughput must be the only operation in the request"},
      {warm + "," + creation,
       "Create global secondary index cannot be specified when updating WarmThroughput"},
      {stream + "," + limits,
       "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"},
      {stream + "," + units, "You cannot modify stream status while updating table IOPS"},
      {creation + "," + units, "You cannot create or delete index while updating table IOPS"},
      {creation + "," + stream, "You cannot create or delete index while changing stream status"},
      {"'GlobalSecondaryIndexUpdates':[]," + protection, "List of GlobalSecondaryIndexUpdates is empty"},
      // These can be.
      {limits + "," + on_demand_again, nullptr},
      {stream + "," + on_demand_again, nullptr},
      {creation + "," + on_demand_again, nullptr},
      {protection + ",'WarmThroughput':{},'OnDemandThroughput':{},'AttributeDefinitions':[]", nullptr},
  }));
  INFO(c.changes);
  ServiceFixture service;
  service.call("CreateTable", on_demand("abc"));
  const std::string answer = service.call("UpdateTable", "{'TableName':'abc'," + c.changes + "}");
  if (c.message == nullptr) {
    CHECK(contains(answer, "200 {"));
  } else {
    CHECK(answer == invalid("One or more parameter values were invalid: " + std::string(c.message)));
  }
}

TEST_CASE("what UpdateTable says of indexes") {
  struct Case {
    std::string updates;
    std::string answer;
  };
  const std::string invalid_values = "One or more parameter values were invalid: ";
  const std::string units = "'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':2}";
  const auto creation = [](const std::string& name, const std::string& more) {
    return "{'Create':{'IndexName':'" + name + "','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}]," +
           "'Projection':{'ProjectionType':'ALL'}" + more + "}}";
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"{'Update':{'IndexName':'idx'," + units + "}}",
       invalid("The provisioned throughput for the index idx will not change. The requested value equals the "
               "current value. Current ReadCapacityUnits provisioned for index idx: 1. Requested "
               "ReadCapacityUnits: 1. Current WriteCapacityUnits provisioned for index idx: 2. Requested "
               "WriteCapacityUnits: 2. Refer to the Amazon DynamoDB Developer Guide for current limits and "
               "how to request higher limits.")},
      {"{'Update':{'IndexName':'idx'," + units + "},'Delete':{'IndexName':'idx'}}",
       invalid(invalid_values +
               "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object")},
      {"{'Update':{'IndexName':'ghost','WarmThroughput':{}}}",
       invalid(invalid_values + "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                                "WriteUnitsPerSecond specified for index: ghost")},
      {"{'Update':{'IndexName':'ghost'," + units + "}}",
       modelled("ResourceNotFoundException", "Requested resource not found: Index ghost for table gsi")},
      {creation("idx", "," + units), invalid("Attempting to create an index which already exists")},
      {creation("new", ""), invalid(invalid_values + "Both ReadCapacityUnits and WriteCapacityUnits must be "
                                                     "specified for index: new")},
      {"{'Update':{'IndexName':'idx','OnDemandThroughput':{'MaxReadRequestUnits':5}}}",
       invalid(invalid_values +
               "MaxReadRequestUnits for OnDemandThroughput for index : idx cannot be specified "
               "when the table BillingMode is PROVISIONED")},
  }));
  INFO(c.updates);
  ServiceFixture service;
  service.call("CreateTable", kWithGsi);
  CHECK(service.call("UpdateTable",
                     "{'TableName':'gsi','AttributeDefinitions':[{'AttributeName':'a','AttributeType':'N'}],"
                     "'GlobalSecondaryIndexUpdates':[" +
                         c.updates + "]}") == c.answer);
}

TEST_CASE("what UpdateTable says of indexes on demand, and without definitions") {
  ServiceFixture service;
  service.call("CreateTable", kWithGsi);
  const auto update = [&service](const std::string& list) {
    return service.call("UpdateTable", "{'TableName':'gsi','GlobalSecondaryIndexUpdates':[" + list + "]}");
  };
  const std::string prefix = "One or more parameter values were invalid: ";
  CHECK(update("{'Create':{'IndexName':'new','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],"
               "'Projection':{'ProjectionType':'ALL'}}}") ==
        invalid(prefix + "AttributeDefinitions is not specified for index: new"));
  service.call("UpdateTable", "{'TableName':'gsi','BillingMode':'PAY_PER_REQUEST'}");
  const std::string only =
      invalid(prefix +
              "The only Updates for index: idx when TableThroughputMode is PAY_PER_REQUEST can be to "
              "OnDemandThroughput, WarmThroughput");
  CHECK(update("{'Update':{'IndexName':'idx','ProvisionedThroughput':{'ReadCapacityUnits':3,"
               "'WriteCapacityUnits':3}}}") == only);
  CHECK(update("{'Update':{'IndexName':'idx'}}") == only);
  CHECK(update("{'Update':{'IndexName':'idx','OnDemandThroughput':{}}}") == only);
  CHECK(contains(update("{'Update':{'IndexName':'idx','OnDemandThroughput':{'MaxReadRequestUnits':-1}}}"),
                 "200 {"));
}

TEST_CASE("limits and endpoints") {
  ServiceFixture service;
  CHECK(service.call("DescribeLimits", "{}") ==
        R"(200 {"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,)"
        R"("TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000})");
  CHECK(service.call("DescribeEndpoints", "{}") ==
        R"(200 {"Endpoints":[{"Address":"localhost:8000","CachePeriodInMinutes":1440}]})");
}

}  // namespace tidemark::api
