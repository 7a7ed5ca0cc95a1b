// ItemCollectionMetrics: the item collection a write went to, on tables with a local secondary index.
#pragma once

#include "base/json_writer.h"
#include "model/key.h"
#include "storage/engine.h"
#include "storage/table.h"

namespace tidemark::api {

// Only such tables have item collections to speak of; on others the member is left out.
bool has_item_collections(const storage::Table& table);

// Writes `{"ItemCollectionKey":{...},"SizeEstimateRangeGB":[low,high]}` as the next value. The bounds are
// those that the size of the whole table with its local indexes sets.
void render_item_collection_metrics(JsonWriter& out, storage::Engine& engine, const storage::Table& table,
                                    const model::Key& key);

}  // namespace tidemark::api
