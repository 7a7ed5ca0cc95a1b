#include "api/core/capacity.h"

#include <memory>
#include <string>

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

constexpr storage::TableId kGlobal{17};
constexpr storage::TableId kLocal{4};

storage::TablePtr table_with_indexes() {
  auto table = std::make_shared<storage::Table>();
  table->schema.name = "t";
  model::IndexSchema global;
  global.id = kGlobal;
  global.name = "by-owner";
  global.kind = model::IndexKind::kGlobal;
  model::IndexSchema local;
  local.id = kLocal;
  local.name = "by-date";
  local.kind = model::IndexKind::kLocal;
  table->schema.indexes = {global, local};
  return table;
}

std::string render(const ConsumedCapacity& capacity, ReturnConsumedCapacity detail,
                   ConsumedCapacity::Kind kind = ConsumedCapacity::Kind::kPlain) {
  std::string text;
  JsonWriter out(&text);
  capacity.render(out, detail, kind);
  return text;
}

TEST_CASE("read units are 4 KB each and half without strong consistency") {
  struct Case {
    std::uint64_t size_bytes;
    double consistent, eventual;
  };
  const auto c = GENERATE(values<Case>({
      {0, 1, 0.5},
      {1, 1, 0.5},
      {4096, 1, 0.5},
      {4097, 2, 1},
      {8192, 2, 1},
      {8193, 3, 1.5},
      {409'600, 100, 50},
  }));
  CHECK(read_units(c.size_bytes, true) == c.consistent);
  CHECK(read_units(c.size_bytes, false) == c.eventual);
}

TEST_CASE("a write costs the larger image on the table, and what it touched on the indexes") {
  struct Case {
    const char* why;
    storage::WriteEffect effect;
    double factor;
    const char* json;
  };
  const auto c = GENERATE(values<Case>({
      {"a new item",
       {0, 1500, {}},
       1,
       R"({"TableName":"t","CapacityUnits":2.0,"Table":{"CapacityUnits":2.0}})"},
      {"the old image is larger",
       {3000, 10, {}},
       1,
       R"({"TableName":"t","CapacityUnits":3.0,"Table":{"CapacityUnits":3.0}})"},
      {"nothing was there to delete",
       {0, 0, {}},
       1,
       R"({"TableName":"t","CapacityUnits":1.0,"Table":{"CapacityUnits":1.0}})"},
      {"a global index",
       {0, 10, {{kGlobal, 2}}},
       1,
       R"({"TableName":"t","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},)"
       R"("GlobalSecondaryIndexes":{"by-owner":{"CapacityUnits":2.0}}})"},
      {"both, local ones first",
       {0, 10, {{kGlobal, 1}, {kLocal, 1}}},
       1,
       R"({"TableName":"t","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},)"
       R"("LocalSecondaryIndexes":{"by-date":{"CapacityUnits":1.0}},)"
       R"("GlobalSecondaryIndexes":{"by-owner":{"CapacityUnits":1.0}}})"},
      {"a transaction doubles the table's part alone",
       {0, 10, {{kLocal, 1}}},
       2,
       R"({"TableName":"t","CapacityUnits":3.0,"Table":{"CapacityUnits":2.0},)"
       R"("LocalSecondaryIndexes":{"by-date":{"CapacityUnits":1.0}}})"},
  }));
  INFO(c.why);
  ConsumedCapacity capacity("t", table_with_indexes());
  capacity.charge_write(c.effect, c.factor);
  CHECK(render(capacity, ReturnConsumedCapacity::kIndexes) == c.json);
}

TEST_CASE("TOTAL shows the sum, under the name the caller wrote") {
  ConsumedCapacity capacity("arn:aws:dynamodb:us-east-1:000000000000:table/t", table_with_indexes());
  capacity.charge_item(10, false);
  capacity.charge_write({0, 10, {{kGlobal, 1}}});
  CHECK(render(capacity, ReturnConsumedCapacity::kTotal) ==
        R"({"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/t","CapacityUnits":2.5})");
}

TEST_CASE("a read of an index shows a table that was not read") {
  const storage::TablePtr table = table_with_indexes();
  ConsumedCapacity capacity("t", table);
  capacity.charge_page({.table = table, .index = table->schema.find_index(kGlobal)}, 4'096, 1, false);
  CHECK(render(capacity, ReturnConsumedCapacity::kIndexes) ==
        R"({"TableName":"t","CapacityUnits":0.5,"Table":{"CapacityUnits":0.0},)"
        R"("GlobalSecondaryIndexes":{"by-owner":{"CapacityUnits":0.5}}})");
}

TEST_CASE("transactions name the kind of the units") {
  ConsumedCapacity capacity("t", table_with_indexes());
  capacity.charge_item(8'192, true);
  CHECK(render(capacity, ReturnConsumedCapacity::kTotal, ConsumedCapacity::Kind::kTransactRead) ==
        R"({"TableName":"t","CapacityUnits":2.0,"ReadCapacityUnits":2.0})");
  CHECK(render(capacity, ReturnConsumedCapacity::kIndexes, ConsumedCapacity::Kind::kTransactWrite) ==
        R"({"TableName":"t","CapacityUnits":2.0,"WriteCapacityUnits":2.0,)"
        R"("Table":{"CapacityUnits":2.0,"WriteCapacityUnits":2.0}})");
}

}  // namespace
}  // namespace tidemark::api
