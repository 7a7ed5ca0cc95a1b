#include "storage/catalog/transitions.h"

#include "tests/support/catch.h"

namespace tidemark::storage {
namespace {

using model::IndexKind;
using model::IndexStatus;
using model::TableStatus;
using std::chrono::seconds;

constexpr TransitionTimes kTimes{
    .create = seconds(1), .update = seconds(2), .delete_index = seconds(3), .delete_table = seconds(4)};
constexpr Timestamp kNow = Timestamp::from_seconds(1'000);

model::IndexSchema index(std::uint32_t id, IndexKind kind, const std::string& key) {
  model::IndexSchema schema;
  schema.id = TableId{id};
  schema.kind = kind;
  schema.keys.partition_keys = {{.name = key, .type = model::KeyType::kString}};
  return schema;
}

constexpr TableId kGlobal{2};
constexpr TableId kOther{3};
constexpr TableId kLocal{4};

// ACTIVE, with two global indexes and a local one.
Table active_table() {
  Table table;
  table.id = TableId{1};
  table.schema.keys.partition_keys = {{.name = "pk", .type = model::KeyType::kString}};
  table.schema.indexes = {index(2, IndexKind::kGlobal, "g"), index(3, IndexKind::kGlobal, "o"),
                          index(4, IndexKind::kLocal, "pk")};
  for (const char* name : {"g", "o", "pk"}) {
    table.schema.attribute_definitions.push_back({.name = name, .type = model::KeyType::kString});
  }
  table.schema.status = TableStatus::kActive;
  return table;
}

std::vector<std::string> states(const Table& table) {
  std::vector<std::string> names = {std::string(model::table_status_name(table.schema.status))};
  for (const auto& one : table.schema.indexes) names.emplace_back(model::index_status_name(one.status));
  return names;
}
using States = std::vector<std::string>;

TEST_CASE("a new table is CREATING with its global indexes until its time") {
  Table table = active_table();
  begin_creation(kNow, kTimes, &table);
  CHECK(states(table) == States{"CREATING", "CREATING", "CREATING", "ACTIVE"});
  CHECK(next_transition(table) == kNow.plus_seconds(1));

  CHECK(make_transitions(kNow.plus_micros(999'999), &table));
  CHECK(states(table) == States{"CREATING", "CREATING", "CREATING", "ACTIVE"});
  CHECK(make_transitions(kNow.plus_seconds(1), &table));
  CHECK(states(table) == States{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"});
  CHECK(next_transition(table) == std::nullopt);
}

TEST_CASE("a table that somebody fills is CREATING until that one says so") {
  Table table = active_table();
  table.filled_by = FilledBy{.kind = "import", .key = "arn:1"};
  begin_creation(kNow, kTimes, &table);
  CHECK(next_transition(table) == std::nullopt);
  CHECK(make_transitions(kNow.plus_seconds(1'000'000), &table));
  CHECK(states(table) == States{"CREATING", "CREATING", "CREATING", "ACTIVE"});

  CHECK(finish_creation(&table));
  CHECK(states(table) == States{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"});
  CHECK(table.filled_by == std::nullopt);
  CHECK_FALSE(finish_creation(&table));
}

TEST_CASE("the table is ACTIVE again while an index is still being deleted") {
  Table table = active_table();
  begin_update({.updated = {kOther}, .deleted = {kGlobal}}, kNow, kTimes, &table);
  CHECK(states(table) == States{"UPDATING", "DELETING", "UPDATING", "ACTIVE"});
  CHECK(next_transition(table) == kNow.plus_seconds(2));

  CHECK(make_transitions(kNow.plus_seconds(2), &table));
  CHECK(states(table) == States{"ACTIVE", "DELETING", "ACTIVE", "ACTIVE"});
  CHECK(table.schema.attribute_definitions.size() == 3);
  CHECK(next_transition(table) == kNow.plus_seconds(3));

  CHECK(make_transitions(kNow.plus_seconds(3), &table));
  CHECK(states(table) == States{"ACTIVE", "ACTIVE", "ACTIVE"});
  CHECK(table.schema.find_index(kGlobal) == nullptr);
  REQUIRE(table.schema.attribute_definitions.size() == 2);
  CHECK(table.schema.attribute_definitions[0].name == "o");
}

TEST_CASE("a definition that something else uses outlives the index") {
  Table table = active_table();
  table.schema.indexes[1].keys.sort_keys = {{.name = "g", .type = model::KeyType::kString}};
  begin_update({.updated = {}, .deleted = {kGlobal}}, kNow, kTimes, &table);
  CHECK(make_transitions(kNow.plus_seconds(3), &table));
  CHECK(table.schema.attribute_definitions.size() == 3);
}

TEST_CASE("a deleted table is gone at its time, whatever its indexes do") {
  Table table = active_table();
  begin_update({.updated = {}, .deleted = {kGlobal}}, kNow, kTimes, &table);
  CHECK(make_transitions(kNow.plus_seconds(2), &table));
  begin_deletion(kNow.plus_seconds(2), kTimes, &table);
  CHECK(states(table) == States{"DELETING", "DELETING", "ACTIVE", "ACTIVE"});
  CHECK(make_transitions(kNow.plus_seconds(3), &table));
  CHECK(states(table) == States{"DELETING", "ACTIVE", "ACTIVE"});
  CHECK_FALSE(make_transitions(kNow.plus_seconds(6), &table));
}

TEST_CASE("all that is due happens at once after a leap") {
  Table table = active_table();
  begin_update({.updated = {kOther}, .deleted = {kGlobal}}, kNow, kTimes, &table);
  CHECK(make_transitions(kNow.plus_seconds(3'600), &table));
  CHECK(states(table) == States{"ACTIVE", "ACTIVE", "ACTIVE"});
}

TEST_CASE("settings never carry states; a new index is CREATING until it is filled") {
  Table table = active_table();
  begin_update({.updated = {kOther}, .deleted = {}}, kNow, kTimes, &table);
  model::TableSchema settings = table.schema;
  settings.deletion_protection = true;
  settings.status = TableStatus::kDeleting;
  settings.status_until = kNow;
  settings.indexes[0].status = IndexStatus::kDeleting;
  settings.indexes[0].status_until = kNow;
  settings.indexes.push_back(index(0, IndexKind::kGlobal, "n"));
  take_settings(settings, &table);
  table.schema.indexes.back().id = TableId{9};
  CHECK(table.schema.deletion_protection);
  CHECK(states(table) == States{"UPDATING", "ACTIVE", "UPDATING", "ACTIVE", "CREATING"});
  CHECK(table.schema.status_until == kNow.plus_seconds(2));
  CHECK(table.schema.indexes.back().backfilling);

  CHECK(make_transitions(kNow.plus_seconds(1'000), &table));
  CHECK(states(table) == States{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "CREATING"});
  CHECK(finish_index_creation(TableId{9}, &table));
  CHECK(states(table) == States{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"});
  CHECK_FALSE(table.schema.indexes.back().backfilling);
  CHECK_FALSE(finish_index_creation(TableId{9}, &table));
  CHECK_FALSE(finish_index_creation(kLocal, &table));
}

}  // namespace
}  // namespace tidemark::storage
