#include "api/tables/table_definition.h"

#include <string>

#include "base/json.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

// Single quotes stand for double ones.
std::string json_of(std::string text) {
  for (char& c : text) {
    if (c == '\'') c = '"';
  }
  return text;
}

ApiResult<TableDefinition> read(const std::string& members) {
  json::Document document;
  const auto body = document.parse(json_of("{'TableName':'abc'," + members + "}"));
  REQUIRE(body.has_value());
  return read_table_definition(Input(*body));
}

std::string attributes(const std::string& names) {
  std::string text = "'AttributeDefinitions':[";
  for (std::size_t i = 0; i < names.size(); ++i) {
    text +=
        (i == 0 ? "" : ",") + ("{'AttributeName':'" + std::string(1, names[i])) + "','AttributeType':'S'}";
  }
  return text + "],";
}

// `ab` is HASH a, RANGE b; an upper-case letter is HASH wherever it stands, `ABc` two HASH and a RANGE.
std::string keys(const std::string& names) {
  std::string text = "'KeySchema':[";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_upper = names[i] >= 'A' && names[i] <= 'Z';
    const char name = is_upper ? static_cast<char>(names[i] - 'A' + 'a') : names[i];
    text += (i == 0 ? "" : ",") + ("{'AttributeName':'" + std::string(1, name)) + "','KeyType':'" +
            (i == 0 || is_upper ? "HASH" : "RANGE") + "'}";
  }
  return text + "]";
}

std::string index(const std::string& name, const std::string& key_names, const std::string& more = "",
                  const std::string& projection = "'ProjectionType':'ALL'") {
  return "{'IndexName':'" + name + "'," + keys(key_names) + ",'Projection':{" + projection + "}" + more + "}";
}

std::string indexes(const std::string& kind, const std::string& list) {
  return ",'" + kind + "SecondaryIndexes':[" + list + "]";
}

const std::string kOnDemand = ",'BillingMode':'PAY_PER_REQUEST'";
const std::string kUnits = "'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1}";
const std::string kInvalid = "One or more parameter values were invalid: ";

std::string limits(const std::string& read, const std::string& write) {
  return ",'OnDemandThroughput':{'MaxReadRequestUnits':" + read + ",'MaxWriteRequestUnits':" + write + "}";
}

struct Case {
  const char* why;
  std::string members;
  std::string message;
};

}  // namespace

TEST_CASE("CreateTable judges the definition in the service's order") {
  const std::string a = attributes("a"), ab = attributes("ab"), abc = attributes("abc");
  const auto c = GENERATE_COPY(values<Case>({
      {"throughput on demand, before anything about keys", a + keys("xy") + kOnDemand + "," + kUnits,
       kInvalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                  "PAY_PER_REQUEST"},
      {"no throughput", a + keys("a"),
       kInvalid +
           "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
      {"too much throughput",
       a + keys("xy") + ",'ProvisionedThroughput':{'ReadCapacityUnits':1000000000001,'WriteCapacityUnits':1}",
       "Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
      {"more keys than definitions", a + keys("aa") + kOnDemand,
       "Invalid KeySchema: Some index key attribute have no definition"},
      {"undefined key", a + keys("x") + kOnDemand,
       kInvalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [x], "
                  "AttributeDefinitions: [a]"},
      {"the same name twice", ab + keys("aa") + kOnDemand,
       "Both the Hash Key and the Range Key element in the KeySchema have the same name"},
      {"two HASH elements", ab + keys("aB") + kOnDemand,
       "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"},
      {"counts differ without indexes", ab + keys("a") + kOnDemand,
       kInvalid + "Number of attributes in KeySchema does not exactly match number of attributes defined in "
                  "AttributeDefinitions"},
      {"empty LSI list", ab + keys("ab") + kOnDemand + indexes("Local", ""),
       kInvalid + "List of LocalSecondaryIndexes is empty"},
      {"LSI on a table without sort key", ab + keys("a") + kOnDemand + indexes("Local", index("i", "xy")),
       kInvalid + "Table KeySchema does not have a range key, which is required when specifying a "
                  "LocalSecondaryIndex"},
      {"LSI with an undefined key", ab + keys("ab") + kOnDemand + indexes("Local", index("i", "ax")),
       kInvalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [a, x], "
                  "AttributeDefinitions: [a, b]"},
      {"LSI without sort key", ab + keys("ab") + kOnDemand + indexes("Local", index("i", "a")),
       kInvalid + "Index KeySchema does not have a range key for index: i"},
      {"LSI with another partition key", abc + keys("ab") + kOnDemand + indexes("Local", index("i", "ca")),
       kInvalid +
           "Index KeySchema does not have the same leading hash key as table KeySchema for index: i. index "
           "hash key: c, table hash key: a"},
      {"no projection type", abc + keys("ab") + kOnDemand + indexes("Local", index("i", "ac", "", "")),
       kInvalid + "Unknown ProjectionType: null"},
      {"ALL with attributes",
       abc + keys("ab") + kOnDemand +
           indexes("Local", index("i", "ac", "", "'ProjectionType':'ALL','NonKeyAttributes':['x']")),
       kInvalid + "ProjectionType is ALL, but NonKeyAttributes is specified"},
      {"KEYS_ONLY with attributes",
       abc + keys("ab") + kOnDemand +
           indexes("Local", index("i", "ac", "", "'ProjectionType':'KEYS_ONLY','NonKeyAttributes':['x']")),
       kInvalid + "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"},
      {"INCLUDE without attributes",
       abc + keys("ab") + kOnDemand + indexes("Local", index("i", "ac", "", "'ProjectionType':'INCLUDE'")),
       kInvalid + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
      {"a name of both kinds of index",
       abc + keys("ab") + kOnDemand + indexes("Local", index("i", "ac")) + indexes("Global", index("i", "c")),
       kInvalid + "Duplicate index name: i"},
      {"six LSIs",
       abc + keys("ab") + kOnDemand +
           indexes("Local", index("i1", "ac") + "," + index("i2", "ac") + "," + index("i3", "ac") + "," +
                                index("i4", "ac") + "," + index("i5", "ac") + "," + index("i6", "ac")),
       kInvalid + "Number of LocalSecondaryIndexes exceeds per-table limit of 5"},
      {"empty GSI list", a + keys("a") + kOnDemand + indexes("Global", ""),
       kInvalid + "List of GlobalSecondaryIndexes is empty"},
      {"GSI throughput on demand",
       ab + keys("a") + kOnDemand + indexes("Global", index("i", "b", "," + kUnits)),
       kInvalid + "ProvisionedThroughput should not be specified for index: i when BillingMode is "
                  "PAY_PER_REQUEST"},
      {"GSI without throughput", ab + keys("a") + "," + kUnits + indexes("Global", index("i", "b")),
       kInvalid + "ProvisionedThroughput is not specified for index: i"},
      {"unused definitions", abc + keys("a") + kOnDemand + indexes("Global", index("i", "b")),
       kInvalid +
           "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], keys used: [a, b]"},
      {"on-demand limits of a provisioned table",
       a + keys("a") + "," + kUnits + ",'OnDemandThroughput':{'MaxReadRequestUnits':5}",
       kInvalid + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is "
                  "PROVISIONED."},
      {"unused definitions go before what else is wrong with an index",
       abc + keys("a") + kOnDemand + indexes("Global", index("i", "b", "," + kUnits, "")),
       kInvalid +
           "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], keys used: [a, b]"},
      {"no limit, as an update would say it", a + keys("a") + kOnDemand + limits("-1", "-1"),
       kInvalid + "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range"},
      {"what Terraform once sent for a limit that was not set", a + keys("a") + kOnDemand + limits("5", "0"),
       kInvalid +
           "Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid range"},
      {"a limit of an index",
       ab + keys("a") + kOnDemand + indexes("Global", index("idx", "b", limits("0", "1"))),
       kInvalid +
           "Requested MaxReadRequestUnits for OnDemandThroughput for index : idx is outside of valid range"},
      {"a limit of an index of a provisioned table",
       ab + keys("a") + "," + kUnits + indexes("Global", index("idx", "b", "," + kUnits + limits("5", "5"))),
       kInvalid + "MaxReadRequestUnits for OnDemandThroughput for index: idx cannot be specified when table "
                  "BillingMode is PROVISIONED."},
      {"colder than every table",
       a + keys("a") + kOnDemand + ",'WarmThroughput':{'ReadUnitsPerSecond':11999}",
       kInvalid +
           "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput "
           "for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
           "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"},
      {"colder than provisioned",
       a + keys("a") + ",'ProvisionedThroughput':{'ReadCapacityUnits':10,'WriteCapacityUnits':10}" +
           ",'WarmThroughput':{'ReadUnitsPerSecond':10,'WriteUnitsPerSecond':5}",
       kInvalid +
           "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than WriteCapacityUnits "
           "of ProvisionedThroughput"},
      {"an attribute twice in a projection",
       ab + keys("a") + kOnDemand +
           indexes("Global",
                   index("idx", "b", "", "'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y','x']")),
       kInvalid + "Duplicate element in NonKeyAttributes: x"},
      {"RANGE before HASH",
       attributes("abcd") + keys("a") + kOnDemand + indexes("Global", index("idx", "BcD")),
       kInvalid + "All HASH key attributes must precede RANGE key attributes in the KeySchema"},
      {"five HASH", attributes("abcdef") + keys("a") + kOnDemand + indexes("Global", index("idx", "BCDEF")),
       kInvalid + "The KeySchema exceeds the maximum allowed number of HASH key attributes"},
      {"five RANGE",
       attributes("abcdefg") + keys("a") + kOnDemand + indexes("Global", index("idx", "Bcdefg")),
       kInvalid + "The KeySchema exceeds the maximum allowed number of RANGE key attributes"},
      {"an attribute twice in the key of a global index",
       abc + keys("a") + kOnDemand + indexes("Global", index("idx", "BCb")),
       "The KeySchema contains multiple key attributes with the same name"},
      {"a key without encryption", a + keys("a") + kOnDemand + ",'SSESpecification':{'KMSMasterKeyId':'x'}",
       kInvalid + "KMSMasterKeyId can not be specified if Enabled is false"},
      {"a type without encryption",
       a + keys("a") + kOnDemand + ",'SSESpecification':{'Enabled':false,'SSEType':'KMS'}",
       kInvalid + "SSEType can not be specified if Enabled is false"},
      {"a key without its type",
       a + keys("a") + kOnDemand + ",'SSESpecification':{'Enabled':true,'KMSMasterKeyId':'x'}",
       kInvalid + "SSEType KMS is required if KMSMasterKeyId is specified"},
  }));
  INFO(c.why);
  const auto definition = read(c.members);
  REQUIRE_FALSE(definition.has_value());
  CHECK(definition.error().type == ErrorType::kValidation);
  CHECK(definition.error().message == c.message);
}

TEST_CASE("a GSI takes up to four partition and four sort attributes") {
  const std::string definitions = attributes("abcdefghij");
  const auto with_gsi = [&](const std::string& key_names) {
    return read(attributes("a" +
                           [&] {
                             std::string names;
                             for (const char c : key_names) {
                               names += static_cast<char>(c < 'a' ? c - 'A' + 'a' : c);
                             }
                             return names;
                           }()) +
                keys("a") + kOnDemand + indexes("Global", index("idx", key_names)));
  };
  CHECK(with_gsi("BCDEfghi").has_value());
  CHECK(with_gsi("B").has_value());
  CHECK_FALSE(with_gsi("BcD").has_value());
  CHECK_FALSE(with_gsi("BCDEF").has_value());
  CHECK_FALSE(with_gsi("Bcdefg").has_value());
}

TEST_CASE("a definition becomes the schema of a table being created") {
  const auto definition = read(
      "'AttributeDefinitions':[{'AttributeName':'z','AttributeType':'N'},"
      "{'AttributeName':'a','AttributeType':'B'}]," +
      keys("za") + kOnDemand + indexes("Local", index("lsi", "za")) +
      indexes("Global", index("gsi", "a", "", "'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y']")));
  REQUIRE(definition.has_value());
  const model::TableSchema schema = make_schema(
      *definition, {.account_id = "123456789012", .region = "us-east-1"}, "uuid", Timestamp::from_seconds(7));
  CHECK(schema.arn() == "arn:aws:dynamodb:us-east-1:123456789012:table/abc");
  CHECK(schema.attribute_definitions.front().name == "a");
  CHECK(schema.keys.partition_keys ==
        std::vector<model::AttributeDefinition>{{.name = "z", .type = model::KeyType::kNumber}});
  CHECK(schema.keys.sort_keys ==
        std::vector<model::AttributeDefinition>{{.name = "a", .type = model::KeyType::kBinary}});
  REQUIRE(schema.indexes.size() == 2);
  CHECK(schema.indexes[0].kind == model::IndexKind::kLocal);
  CHECK(schema.indexes[1].kind == model::IndexKind::kGlobal);
  CHECK(schema.indexes[1].projection.non_key_attributes == std::vector<std::string>{"x", "y"});
}

}  // namespace tidemark::api
