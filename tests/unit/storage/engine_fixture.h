// An engine on a directory of its own, a clock that moves when told to, and short ways to write items.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/schedule.h"
#include "storage/engine.h"
#include "tests/support/catch.h"

namespace tidemark::storage {

inline model::Item item_of(const model::AttributeMap& attributes) { return model::make_item(attributes); }

inline model::AttributeValue text_value(std::string text) { return {std::move(text)}; }
inline model::AttributeValue number_value(std::int64_t number) { return {model::Number::from_int(number)}; }

class EngineFixture {
 public:
  EngineFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark-engine-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    options.directory = name;
    options.block_cache_bytes = 1U << 20;
    options.write_buffer_bytes = 1U << 20;
  }
  ~EngineFixture() {
    engine.reset();
    std::error_code ignored;
    std::filesystem::remove_all(options.directory, ignored);
  }
  EngineFixture(const EngineFixture&) = delete;
  EngineFixture& operator=(const EngineFixture&) = delete;

  void open() {
    auto opened = Engine::open(options, *files, clock, schedule);
    INFO((opened ? std::string() : opened.error().message));
    REQUIRE(opened);
    engine = std::move(*opened);
  }
  void reopen() {
    engine.reset();
    open();
  }

  // Key pk (S) and sk (N).
  static model::TableSchema schema(const std::string& name) {
    model::TableSchema schema;
    schema.name = name;
    schema.uuid = "11111111-2222-4333-8444-555555555555";
    schema.account_id = "000000000000";
    schema.region = "us-east-1";
    schema.keys.partition_keys = {{"pk", model::KeyType::kString}};
    schema.keys.sort_keys = {{"sk", model::KeyType::kNumber}};
    schema.attribute_definitions = {{"pk", model::KeyType::kString}, {"sk", model::KeyType::kNumber}};
    return schema;
  }
  static model::IndexSchema index(const std::string& name, const std::string& partition,
                                  const std::string& sort, model::ProjectionType projection) {
    model::IndexSchema index;
    index.name = name;
    index.keys.partition_keys = {{partition, model::KeyType::kString}};
    if (!sort.empty()) index.keys.sort_keys = {{sort, model::KeyType::kString}};
    index.projection.type = projection;
    return index;
  }
  TablePtr create(model::TableSchema schema, std::optional<FilledBy> filled_by = {}) {
    const auto table = engine->table_states().begin_create(std::move(schema), std::move(filled_by));
    REQUIRE(table);
    return engine->catalog().find((*table)->id);
  }
  TableChange hold(const TablePtr& table) {
    auto change = engine->table_states().hold(table->id);
    REQUIRE(change);
    return *std::move(change);
  }
  TablePtr save(const TablePtr& table, const std::function<void(model::TableSchema&)>& edit) {
    TableChange change = hold(table);
    edit(change.settings());
    const auto saved = engine->table_states().save(std::move(change));
    REQUIRE(saved);
    return *saved;
  }
  void drop(const TablePtr& table) { REQUIRE(engine->table_states().begin_delete(hold(table))); }
  TablePtr find(const std::string& name) {
    return engine->catalog().find({.account_id = "000000000000", .region = "us-east-1"}, name);
  }

  static model::Key key(const std::string& pk, std::int64_t sk) {
    return {{model::key_part_of(text_value(pk))}, {model::key_part_of(number_value(sk))}};
  }
  static model::Item item(const std::string& pk, std::int64_t sk, model::AttributeMap more = {}) {
    more["pk"] = text_value(pk);
    more["sk"] = number_value(sk);
    return item_of(more);
  }

  Result<Timestamp> try_put(const TablePtr& table, const std::string& pk, std::int64_t sk,
                            model::AttributeMap more = {}, WriteEffect* effect = nullptr) {
    const auto transaction = engine->begin();
    RETURN_IF_ERROR(transaction->lock({{table, key(pk, sk)}}));
    RETURN_IF_ERROR(transaction->read(0));
    auto done = transaction->put(0, item(pk, sk, std::move(more)));
    if (effect != nullptr) *effect = std::move(done);
    return transaction->commit();
  }
  Timestamp put(const TablePtr& table, const std::string& pk, std::int64_t sk, model::AttributeMap more = {},
                WriteEffect* effect = nullptr) {
    auto committed = try_put(table, pk, sk, std::move(more), effect);
    INFO((committed ? std::string() : committed.error().message));
    REQUIRE(committed);
    return *committed;
  }
  WriteEffect remove(const TablePtr& table, const std::string& pk, std::int64_t sk) {
    const auto transaction = engine->begin();
    REQUIRE(transaction->lock({{table, key(pk, sk)}}));
    REQUIRE(transaction->read(0));
    auto effect = transaction->remove(0);
    REQUIRE(transaction->commit());
    return effect;
  }
  std::optional<std::string> get(const TablePtr& table, const std::string& pk, std::int64_t sk) {
    auto found = engine->get(*table, key(pk, sk));
    REQUIRE(found);
    if (!*found) return std::nullopt;
    return std::string((*found)->text());
  }
  std::vector<std::string> read(const Target& target, const KeyRange& range,
                                const ReadOptions& read_options = {}) {
    std::vector<std::string> texts;
    const auto cursor = engine->read(target, range, read_options);
    while (cursor->next()) texts.emplace_back(cursor->text());
    REQUIRE(cursor->status());
    return texts;
  }
  static Target index_of(const TablePtr& table, std::string_view name) {
    const model::IndexSchema* found = table->schema.find_index(name);
    REQUIRE(found != nullptr);
    return {table, found};
  }
  std::vector<std::string> scan(const Target& target) { return read(target, segment_range(target, 0, 1)); }

  EngineOptions options;
  FileSystem* files = &posix_file_system();
  ManualClock clock{Timestamp::from_seconds(1'800'000'000)};
  Schedule schedule{clock};
  std::unique_ptr<Engine> engine;
};

}  // namespace tidemark::storage
