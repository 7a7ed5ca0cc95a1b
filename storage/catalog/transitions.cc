#include "storage/catalog/transitions.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tidemark::storage {
namespace {

using model::IndexStatus;
using model::TableStatus;
using model::TtlStatus;

template <class Schema>
bool is_due(const Schema& schema, Timestamp now) {
  return schema.status_until && *schema.status_until <= now;
}

template <class Schema, class Status>
void pass_through(Schema& schema, Status status, std::optional<Timestamp> until) {
  schema.status = status;
  schema.status_until = until;
}

template <class Schema>
void activate(Schema& schema) {
  pass_through(schema, decltype(schema.status)::kActive, std::nullopt);
}

void activate_index(model::IndexSchema& index) {
  activate(index);
  index.backfilling = false;
}

// Definitions that no key uses any more vanish with the index that used them.
void remove_unused_definitions(model::TableSchema& schema) {
  std::erase_if(schema.attribute_definitions, [&schema](const model::AttributeDefinition& attribute) {
    const auto uses = [&attribute](const model::IndexSchema& index) {
      return index.uses_definition(attribute.name);
    };
    return !schema.keys.contains(attribute.name) &&
           std::none_of(schema.indexes.begin(), schema.indexes.end(), uses);
  });
}

void remove_deleted_indexes(Timestamp now, model::TableSchema& schema) {
  const auto removed = std::erase_if(schema.indexes, [now](const model::IndexSchema& index) {
    return index.status == IndexStatus::kDeleting && is_due(index, now);
  });
  if (removed > 0) remove_unused_definitions(schema);
}

void pass_ttl_on(Timestamp now, model::TableSchema& schema) {
  if (!schema.ttl || !is_due(*schema.ttl, now)) return;
  if (schema.ttl->status == TtlStatus::kDisabling) {
    schema.ttl.reset();
  } else {
    pass_through(*schema.ttl, TtlStatus::kEnabled, std::nullopt);
  }
}

bool contains(const std::vector<TableId>& ids, TableId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

void begin_creation(Timestamp now, const TransitionTimes& times, Table* table) {
  std::optional<Timestamp> until;
  if (!table->filled_by && !is_filling(*table)) until = now.plus(times.create);
  pass_through(table->schema, TableStatus::kCreating, until);
  for (model::IndexSchema& index : table->schema.indexes) {
    if (index.kind == model::IndexKind::kLocal) {
      activate(index);
    } else {
      pass_through(index, IndexStatus::kCreating, until);
    }
  }
}

void begin_update(const IndexChanges& indexes, Timestamp now, const TransitionTimes& times, Table* table) {
  const Timestamp until = now.plus(times.update);
  pass_through(table->schema, TableStatus::kUpdating, until);
  for (model::IndexSchema& index : table->schema.indexes) {
    if (contains(indexes.updated, index.id)) pass_through(index, IndexStatus::kUpdating, until);
    if (contains(indexes.deleted, index.id)) {
      pass_through(index, IndexStatus::kDeleting, now.plus(times.delete_index));
    }
  }
}

void begin_deletion(Timestamp now, const TransitionTimes& times, Table* table) {
  pass_through(table->schema, TableStatus::kDeleting, now.plus(times.delete_table));
}

void begin_enabling_ttl(model::TtlSettings ttl, Timestamp now, const TransitionTimes& times, Table* table) {
  table->schema.ttl = std::move(ttl);
  pass_through(*table->schema.ttl, TtlStatus::kEnabling, now.plus(times.ttl));
}

void begin_disabling_ttl(Timestamp now, const TransitionTimes& times, Table* table) {
  pass_through(*table->schema.ttl, TtlStatus::kDisabling, now.plus(times.ttl));
}

void take_settings(model::TableSchema settings, Table* table) {
  const model::TableSchema before = std::exchange(table->schema, std::move(settings));
  pass_through(table->schema, before.status, before.status_until);
  table->schema.ttl = before.ttl;
  std::size_t known = 0;
  for (model::IndexSchema& index : table->schema.indexes) {
    if (const model::IndexSchema* const old = before.find_index(index.id)) {
      pass_through(index, old->status, old->status_until);
      index.backfilling = old->backfilling;
      ++known;
    } else {
      pass_through(index, IndexStatus::kCreating, std::nullopt);
      index.backfilling = true;
    }
  }
  INVARIANT(known == before.indexes.size());  // an index goes through its states, not by an edit
}

bool finish_creation(Table* table) {
  table->filled_by.reset();
  if (table->replica) table->replica->is_filling = false;
  if (table->schema.status != TableStatus::kCreating) return false;
  activate(table->schema);
  for (model::IndexSchema& index : table->schema.indexes) activate_index(index);
  return true;
}

bool finish_index_creation(TableId id, Table* table) {
  for (model::IndexSchema& index : table->schema.indexes) {
    if (index.id != id || index.status != IndexStatus::kCreating) continue;
    activate_index(index);
    return true;
  }
  return false;
}

std::optional<Timestamp> next_transition(const Table& table) {
  std::optional<Timestamp> next = table.schema.status_until;
  for (const model::IndexSchema& index : table.schema.indexes) {
    if (index.status_until && (!next || *index.status_until < *next)) next = index.status_until;
  }
  const auto& ttl = table.schema.ttl;
  if (ttl && ttl->status_until && (!next || *ttl->status_until < *next)) next = ttl->status_until;
  return next;
}

bool make_transitions(Timestamp now, Table* table) {
  model::TableSchema& schema = table->schema;
  if (is_due(schema, now)) {
    if (schema.status == TableStatus::kDeleting) return false;
    activate(schema);
  }
  remove_deleted_indexes(now, schema);
  pass_ttl_on(now, schema);
  for (model::IndexSchema& index : schema.indexes) {
    if (is_due(index, now)) activate_index(index);
  }
  return true;
}

}  // namespace tidemark::storage
