#include "model/table_schema.h"

#include "base/json.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

Result<TableSchema> read_schema(std::string_view text) {
  json::Document document;
  const auto object = document.parse(text);
  REQUIRE(object.has_value());
  return table_schema_from_json(*object);
}

// Every field set to something that is not its default.
TableSchema full_schema() {
  TableSchema schema;
  schema.name = "Music \"and\" more";
  schema.uuid = "0aa1b2c3-0000-4000-8000-000000000000";
  schema.account_id = "123456789012";
  schema.region = "eu-west-2";
  schema.keys = {{{"Artist", KeyType::kString}}, {{"Year", KeyType::kNumber}}};
  schema.attribute_definitions = {
      {"Artist", KeyType::kString}, {"Blob", KeyType::kBinary}, {"Year", KeyType::kNumber}};
  IndexSchema global;
  global.id = TableId{7};
  global.name = "ByBlob";
  global.kind = IndexKind::kGlobal;
  global.keys = {{{"Blob", KeyType::kBinary}, {"Artist", KeyType::kString}}, {{"Year", KeyType::kNumber}}};
  global.projection = {ProjectionType::kInclude, {"x", "y\n"}};
  global.throughput = {3, 4};
  global.on_demand_throughput = OnDemandThroughput{10, -1};
  global.warm_throughput = Throughput{12'000, 4'000};
  global.status = IndexStatus::kCreating;
  IndexSchema local;
  local.id = TableId{4'294'967'295};
  local.name = "ByYear";
  local.kind = IndexKind::kLocal;
  local.keys = {{{"Artist", KeyType::kString}}, {{"Blob", KeyType::kBinary}}};
  local.projection = {ProjectionType::kKeysOnly, {}};
  local.status = IndexStatus::kDeleting;
  local.status_until = Timestamp{77};
  local.backfilling = true;
  global.contributor_insights = ContributorInsights{false, "ACCESSED_AND_THROTTLED_KEYS", Timestamp{11}};
  IndexSchema vector;
  vector.id = TableId{8};
  vector.name = "ByMood";
  vector.kind = IndexKind::kVector;
  vector.keys = {{{"Artist", KeyType::kString}}, {}};
  vector.vector = VectorSettings{"mood", 384, DistanceFunction::kDotProduct, {{"Year", KeyType::kNumber}}};
  schema.indexes = {global, local, vector};
  schema.billing_mode = BillingMode::kPayPerRequest;
  schema.last_update_to_pay_per_request = Timestamp{1};
  schema.throughput = {5, 6};
  schema.last_throughput_increase = Timestamp{2};
  schema.last_throughput_decrease = Timestamp{3};
  schema.on_demand_throughput = OnDemandThroughput{7, 8};
  schema.warm_throughput = Throughput{9, 10};
  schema.status = TableStatus::kUpdating;
  schema.status_until = Timestamp{78};
  schema.created_at = Timestamp{1'767'225'600'123'456};
  schema.deletion_protection = true;
  schema.table_class = "STANDARD_INFREQUENT_ACCESS";
  schema.table_class_updated_at = Timestamp{4};
  schema.sse = SseSettings{"arn:aws:kms:eu-west-2:123456789012:key/x"};
  schema.tags = {{"team", "data"}, {"empty", ""}};
  schema.stream = StreamSettings{"NEW_IMAGE", "2024-11-18T14:36:44.149", true};
  schema.ttl = TtlSettings{"expires", TtlStatus::kDisabling, Timestamp{79}, TableId{12}, true};
  schema.contributor_insights = ContributorInsights{true, "THROTTLED_KEYS", Timestamp{6}};
  schema.kinesis_destinations = {{"arn:aws:kinesis:eu-west-2:123456789012:stream/s", true, "MICROSECOND"},
                                 {}};
  schema.pitr = {true, Timestamp{5}, 7};
  schema.resource_policy = R"({"Version":"2012-10-17"})";
  return schema;
}

void check_equal(const std::optional<ContributorInsights>& a, const std::optional<ContributorInsights>& b) {
  REQUIRE(a.has_value() == b.has_value());
  if (!a) return;
  CHECK(a->enabled == b->enabled);
  CHECK(a->mode == b->mode);
  CHECK(a->updated_at == b->updated_at);
}

void check_equal(const IndexSchema& a, const IndexSchema& b) {
  CHECK(a.id == b.id);
  CHECK(a.name == b.name);
  CHECK(a.kind == b.kind);
  CHECK(a.keys == b.keys);
  CHECK(a.vector == b.vector);
  CHECK(a.projection == b.projection);
  CHECK(a.throughput == b.throughput);
  CHECK(a.on_demand_throughput == b.on_demand_throughput);
  CHECK(a.warm_throughput == b.warm_throughput);
  check_equal(a.contributor_insights, b.contributor_insights);
  CHECK(a.status == b.status);
  CHECK(a.status_until == b.status_until);
  CHECK(a.backfilling == b.backfilling);
}

// NOLINTNEXTLINE(readability-function-size): one CHECK a member
void check_equal(const TableSchema& a, const TableSchema& b) {
  CHECK(a.name == b.name);
  CHECK(a.uuid == b.uuid);
  CHECK(a.account_id == b.account_id);
  CHECK(a.region == b.region);
  CHECK(a.keys == b.keys);
  CHECK(a.attribute_definitions == b.attribute_definitions);
  REQUIRE(a.indexes.size() == b.indexes.size());
  for (std::size_t i = 0; i < a.indexes.size(); ++i) check_equal(a.indexes[i], b.indexes[i]);
  CHECK(a.billing_mode == b.billing_mode);
  CHECK(a.last_update_to_pay_per_request == b.last_update_to_pay_per_request);
  CHECK(a.throughput == b.throughput);
  CHECK(a.last_throughput_increase == b.last_throughput_increase);
  CHECK(a.last_throughput_decrease == b.last_throughput_decrease);
  CHECK(a.on_demand_throughput == b.on_demand_throughput);
  CHECK(a.warm_throughput == b.warm_throughput);
  CHECK(a.status == b.status);
  CHECK(a.status_until == b.status_until);
  CHECK(a.created_at == b.created_at);
  CHECK(a.deletion_protection == b.deletion_protection);
  CHECK(a.table_class == b.table_class);
  CHECK(a.table_class_updated_at == b.table_class_updated_at);
  REQUIRE(a.sse.has_value() == b.sse.has_value());
  if (a.sse) CHECK(a.sse->kms_key_arn == b.sse->kms_key_arn);
  REQUIRE(a.tags.size() == b.tags.size());
  for (std::size_t i = 0; i < a.tags.size(); ++i) {
    CHECK(a.tags[i].key == b.tags[i].key);
    CHECK(a.tags[i].value == b.tags[i].value);
  }
  REQUIRE(a.stream.has_value() == b.stream.has_value());
  if (a.stream) {
    CHECK(a.stream->view_type == b.stream->view_type);
    CHECK(a.stream->label == b.stream->label);
    CHECK(a.stream->enabled == b.stream->enabled);
  }
  REQUIRE(a.ttl.has_value() == b.ttl.has_value());
  if (a.ttl) {
    CHECK(a.ttl->attribute == b.ttl->attribute);
    CHECK(a.ttl->status == b.ttl->status);
    CHECK(a.ttl->status_until == b.ttl->status_until);
    CHECK(a.ttl->index == b.ttl->index);
    CHECK(a.ttl->is_indexed == b.ttl->is_indexed);
  }
  check_equal(a.contributor_insights, b.contributor_insights);
  REQUIRE(a.kinesis_destinations.size() == b.kinesis_destinations.size());
  for (std::size_t i = 0; i < a.kinesis_destinations.size(); ++i) {
    CHECK(a.kinesis_destinations[i].stream_arn == b.kinesis_destinations[i].stream_arn);
    CHECK(a.kinesis_destinations[i].is_active == b.kinesis_destinations[i].is_active);
    CHECK(a.kinesis_destinations[i].precision == b.kinesis_destinations[i].precision);
  }
  CHECK(a.pitr.enabled == b.pitr.enabled);
  CHECK(a.pitr.enabled_at == b.pitr.enabled_at);
  CHECK(a.pitr.recovery_period_days == b.pitr.recovery_period_days);
  CHECK(a.resource_policy == b.resource_policy);
}

TEST_CASE("a schema with everything comes back from its text") {
  const TableSchema schema = full_schema();
  const auto read = read_schema(to_json(schema));
  REQUIRE(read.has_value());
  check_equal(*read, schema);
  CHECK(to_json(*read) == to_json(schema));
}

TEST_CASE("a schema with nothing optional comes back from its text") {
  TableSchema schema;
  schema.name = "t";
  schema.keys = {{{"pk", KeyType::kString}}, {}};
  const std::string text = to_json(schema);
  const auto read = read_schema(text);
  REQUIRE(read.has_value());
  check_equal(*read, schema);
  CHECK(text.find("stream") == std::string::npos);
}

TEST_CASE("members that an older version did not write keep their defaults") {
  const auto read =
      read_schema(R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"N"}],"sort_keys":[]}})");
  REQUIRE(read.has_value());
  CHECK(read->keys.partition_keys == std::vector<AttributeDefinition>{{"pk", KeyType::kNumber}});
  CHECK(read->pitr.recovery_period_days == 35);
  CHECK_FALSE(read->stream.has_value());
}

TEST_CASE("text that is no schema is corrupt") {
  const auto text = GENERATE(values<std::string>({
      "{}",
      R"({"name":"t"})",
      R"({"name":"t","keys":{"partition_keys":[]}})",
      R"({"keys":{"partition_keys":[{"name":"pk","type":"S"}]}})",
      R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"X"}]}})",
      R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"S"}]},"status":"NAPPING"})",
      R"({"name":5,"keys":{"partition_keys":[{"name":"pk","type":"S"}]}})",
      R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"S"}]},"deletion_protection":"many"})",
      R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"S"}]},"stream":[]})",
      R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"S"}]},"indexes":[{}]})",
      // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one text
      R"({"name":"t","keys":{"partition_keys":[{"name":"pk","type":"S"}]},"indexes":[)"
      R"({"id":4294967296,"name":"i","keys":{"partition_keys":[{"name":"pk","type":"S"}]}}]})",
  }));
  INFO(text);
  const auto read = read_schema(text);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::kCorruption);
}

TEST_CASE("names and lookups") {
  const TableSchema schema = full_schema();
  CHECK(schema.arn() == "arn:aws:dynamodb:eu-west-2:123456789012:table/Music \"and\" more");
  REQUIRE(schema.find_index("ByYear") != nullptr);
  CHECK(schema.find_index(TableId{7}) == schema.find_index("ByBlob"));
  CHECK(schema.find_index(TableId{1}) == nullptr);
  CHECK(schema.find_index("ByYear")->kind == IndexKind::kLocal);
  CHECK(schema.find_index("byyear") == nullptr);
  CHECK(schema.has_local_indexes());
  CHECK_FALSE(TableSchema().has_local_indexes());
  CHECK(schema.keys.contains("Artist"));
  CHECK(schema.keys.contains("Year"));
  CHECK_FALSE(schema.keys.contains("Blob"));
  CHECK(table_status_name(TableStatus::kActive) == "ACTIVE");
  CHECK(index_status_name(IndexStatus::kCreating) == "CREATING");
  for (const KeyType type : {KeyType::kString, KeyType::kNumber, KeyType::kBinary}) {
    CHECK(parse_key_type(key_type_descriptor(type)) == type);
  }
  CHECK(key_type_descriptor(KeyType::kBinary) == "B");
  CHECK_FALSE(parse_key_type("BOOL").has_value());
  CHECK_FALSE(parse_key_type("").has_value());
}

}  // namespace
TEST_CASE("ARNs name regions of AWS, or ddblocal") {
  for (const char* const region :
       {"us-east-1", "ap-southeast-12", "us-gov-west-1", "us-iso-east-1", "eu-isoe-west-1", "ddblocal"}) {
    CHECK(arn_region(region) == region);
  }
  for (const char* const region : {"", "local", "LOCAL", "localhost", "fakeRegion", "us_east_1", "US-EAST-1",
                                   "us-1", "us-east-", "us--1", "-east-1", "us-east-1a", "us-ea.st-1", "*"}) {
    CAPTURE(region);
    CHECK(arn_region(region) == "ddblocal");
  }
}

}  // namespace tidemark::model
