#include "api/tables/table_lifecycle.h"

#include <algorithm>

#include "base/log.h"

namespace tidemark::api {
namespace {

using model::IndexStatus;
using model::TableStatus;

// Definitions that no key uses any more vanish with the index that used them.
void remove_deleted_indexes(model::TableSchema& schema) {
  const auto removed = std::erase_if(
      schema.indexes, [](const model::IndexSchema& index) { return index.status == IndexStatus::kDeleting; });
  if (removed == 0) return;
  std::erase_if(schema.attribute_definitions, [&schema](const model::AttributeDefinition& attribute) {
    const auto uses = [&attribute](const model::IndexSchema& index) {
      return index.keys.contains(attribute.name);
    };
    return !schema.keys.contains(attribute.name) &&
           std::none_of(schema.indexes.begin(), schema.indexes.end(), uses);
  });
}

Result<void> activate(storage::Engine& engine, storage::TableId table) {
  const auto changed = engine.catalog().update_table(table, [](model::TableSchema& schema) -> Result<void> {
    // Somebody may have asked to delete it meanwhile.
    if (schema.status != TableStatus::kDeleting) schema.status = TableStatus::kActive;
    remove_deleted_indexes(schema);
    for (model::IndexSchema& index : schema.indexes) index.status = IndexStatus::kActive;
    return {};
  });
  if (!changed.has_value()) return fail(changed.error());
  return {};
}

// The state stays; the next start tries again. A table that is gone needs no state.
void log_failure(const Result<void>& result) {
  if (result.has_value() || result.error().code == ErrorCode::kNotFound) return;
  log::error("a table stays in its passing state until the next start", {{"reason", result.error().message}});
}

bool is_passing(const model::TableSchema& schema) {
  return schema.status != TableStatus::kActive ||
         std::any_of(schema.indexes.begin(), schema.indexes.end(),
                     [](const model::IndexSchema& index) { return index.status != IndexStatus::kActive; });
}

}  // namespace

void activate_after_render(OperationContext& context, storage::TableId table) {
  context.after_render.emplace_back(
      [&engine = context.engine, table] { log_failure(activate(engine, table)); });
}

void drop_after_render(OperationContext& context, storage::TableId table) {
  context.after_render.emplace_back(
      [&engine = context.engine, table] { log_failure(engine.catalog().drop_table(table)); });
}

Result<void> finish_interrupted_changes(storage::Engine& engine,
                                        const std::function<bool(const storage::Table&)>& is_held) {
  for (const storage::TablePtr& table : engine.catalog().all()) {
    if (!is_passing(table->schema) || is_held(*table)) continue;
    log::info("finishing an interrupted change of a table",
              {{"table", table->schema.name}, {"status", model::table_status_name(table->schema.status)}});
    const auto finished = table->schema.status == TableStatus::kDeleting
                              ? engine.catalog().drop_table(table->id)
                              : activate(engine, table->id);
    // A resumed import that failed at once has taken its table away.
    if (!finished && finished.error().code != ErrorCode::kNotFound) return fail(finished.error());
  }
  return {};
}

}  // namespace tidemark::api
