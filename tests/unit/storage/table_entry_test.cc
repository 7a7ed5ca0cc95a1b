#include "storage/catalog/table_entry.h"

#include "tests/support/catch.h"

namespace tidemark::storage {
namespace {

Table table_with_everything() {
  Table table;
  table.id = TableId{5};
  table.schema.name = "t";
  table.schema.account_id = "000000000000";
  table.schema.region = "us-east-1";
  table.schema.keys.partition_keys = {{.name = "pk", .type = model::KeyType::kString}};
  table.schema.created_at = Timestamp{1'767'225'600'000'000};
  model::IndexSchema index;
  index.id = TableId{6};
  index.name = "i";
  index.keys = table.schema.keys;
  table.schema.indexes = {index};
  table.partitions = {
      {.id = PartitionId{8}, .hashes = {0, 99}, .parent = PartitionId{7}, .created_at = Timestamp{1}},
      {.id = PartitionId{9}, .hashes = {100, 0xffff}, .parent = {}, .created_at = Timestamp{2}}};
  table.filled_by = FilledBy{.kind = "import", .key = "arn:1"};
  return table;
}

constexpr const char* kEntry =
    R"({"format":2,"schema":{"name":"t","uuid":"","account_id":"000000000000","region":"us-east-1",)"
    R"("keys":{"partition_keys":[{"name":"pk","type":"S"}],"sort_keys":[]},"attribute_definitions":[],)"
    R"("indexes":[{"id":6,"name":"i","kind":"GLOBAL","keys":{"partition_keys":[{"name":"pk","type":"S"}],)"
    R"("sort_keys":[]},"projection":{"type":"ALL","non_key_attributes":[]},)"
    R"("throughput":{"read_units":0,"write_units":0},"status":"ACTIVE","backfilling":false}],"billing_mode":"PROVISIONED",)"
    R"("throughput":{"read_units":0,"write_units":0},"status":"CREATING","created_at":1767225600000000,)"
    R"("deletion_protection":false,"table_class":"","tags":[],)"
    R"("pitr":{"enabled":false,"enabled_at":0,"recovery_period_days":35},"resource_policy":""},)"
    R"("partitions":[{"id":8,"first_hash":0,"last_hash":99,"created_at":1,"parent":7},)"
    R"({"id":9,"first_hash":100,"last_hash":65535,"created_at":2}],)"
    R"("filled_by":{"kind":"import","key":"arn:1"}})";

// The entry with one part of its text replaced.
std::string changed(std::string_view from, std::string_view to) {
  std::string text = kEntry;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a table's entry is the text that the header describes") {
  CHECK(table_entry(table_with_everything()) == kEntry);
}

TEST_CASE("a table comes back from its entry") {
  const auto table = parse_table_entry(TableId{5}, kEntry);
  REQUIRE(table);
  CHECK(table->id == TableId{5});
  CHECK(table->schema.indexes.at(0).id == TableId{6});
  REQUIRE(table->partitions.size() == 2);
  CHECK(table->partitions[0].id == PartitionId{8});
  CHECK(table->partitions[0].hashes == HashRange{0, 99});
  CHECK(table->partitions[0].parent == PartitionId{7});
  CHECK(table->partitions[1].parent == std::nullopt);
  CHECK(table->partitions[1].created_at == Timestamp{2});
  CHECK(table->filled_by == FilledBy{"import", "arn:1"});
  CHECK(table_entry(*table) == kEntry);
}

TEST_CASE("an entry that is not one is refused, and the message says why") {
  struct Case {
    std::string text;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"", "it is not a JSON object"},
      {R"({"index_ids":[],"schema":"{}"})", "it has format 1, this version of Tidemark reads format 2 only"},
      {changed(R"("format":2)", R"("format":3)"),
       "it has format 3, this version of Tidemark reads format 2 only"},
      {R"({"format":2})", "it has no schema"},
      {changed(R"("id":6,)", ""), "a member is missing or has the wrong type"},
      {changed(R"("id":9,)", ""), "a member is missing or has the wrong type"},
      {changed(R"("last_hash":65535)", R"("last_hash":65536)"), "a member is missing or has the wrong type"},
      {changed(R"("last_hash":65535)", R"("last_hash":65534)"), "its partitions do not cover the hash space"},
      {changed(R"("first_hash":100)", R"("first_hash":101)"), "its partitions do not cover the hash space"},
  }));
  INFO(c.text);
  const auto table = parse_table_entry(TableId{5}, c.text);
  REQUIRE_FALSE(table);
  CHECK(table.error().code == ErrorCode::kCorruption);
  CHECK(table.error().message == "catalog entry of table 5: " + std::string(c.message));
}

}  // namespace
}  // namespace tidemark::storage
