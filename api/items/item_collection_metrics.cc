#include "api/items/item_collection_metrics.h"

#include <algorithm>
#include <cmath>

namespace tidemark::api {
namespace {

// Source: DynamoDB developer guide, "Item collection size limit".
constexpr double kCollectionGbMax = 10;
constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;

double size_gb_max(storage::Engine& engine, const storage::Table& table) {
  std::int64_t bytes = engine.stats(table.id).size_bytes;
  for (const model::IndexSchema& index : table.schema.indexes) {
    if (index.kind == model::IndexKind::kLocal) bytes += engine.stats(index.id).size_bytes;
  }
  return std::clamp(std::ceil(static_cast<double>(bytes) / kBytesPerGb), 1.0, kCollectionGbMax);
}

}  // namespace

bool has_item_collections(const storage::Table& table) { return table.schema.has_local_indexes(); }

void render_item_collection_metrics(JsonWriter& out, storage::Engine& engine, const storage::Table& table,
                                    const model::Key& key) {
  model::KeySchema partition_schema;
  partition_schema.partition_keys = table.schema.keys.partition_keys;
  model::Key partition_key;
  partition_key.partition = key.partition;

  out.begin_object();
  out.key("ItemCollectionKey");
  out.raw(model::key_text(partition_schema, partition_key));
  out.key("SizeEstimateRangeGB");
  out.begin_array();
  out.decimal(0);
  out.decimal(size_gb_max(engine, table));
  out.end_array();
  out.end_object();
}

}  // namespace tidemark::api
