// A table as the engine knows it: its schema plus the ids under which its data lies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/table_schema.h"
#include "storage/partition.h"
#include "storage/replica.h"

namespace tidemark::storage {

using model::TableId;
constexpr std::uint32_t number(TableId id) { return static_cast<std::uint32_t>(id); }

// Who fills a table that is CREATING, and decides when it is ready: a job, named by kind and key of its
// document in the catalog.
struct FilledBy {
  std::string kind;
  std::string key;
  bool operator==(const FilledBy&) const = default;
};

// Immutable: a change of settings makes a new Table object with the same ids.
struct Table {
  TableId id{};
  model::TableSchema schema;          // with the ids and states of the indexes
  std::vector<Partition> partitions;  // in hash order, without gaps
  // Somebody holds the table's history (holds.h). Not stored with the table.
  bool history_held = false;
  std::optional<FilledBy> filled_by;  // only while it is CREATING
  std::optional<Replica> replica;     // of a global table, or what is left of one
};
using TablePtr = std::shared_ptr<const Table>;

// A replica that is being made has a stream already, in which nobody is told of what it is filled with.
inline bool tells_stream(const Table& table) {
  return table.schema.stream && table.schema.stream->enabled &&
         table.schema.status != model::TableStatus::kCreating;
}

inline bool has_stream(const Table& table) { return table.schema.stream && table.schema.stream->enabled; }

// Whether changes leave undo records, so that the past can be read.
inline bool keeps_history(const Table& table) { return table.schema.pitr.enabled || table.history_held; }

// Whether the change log carries what each write replaced: for the history, or for the readers of a stream,
// all of whose views say whether there was an item before.
inline bool keeps_old_images(const Table& table) { return keeps_history(table) || has_stream(table); }

// Whether the items of other replicas are being put into it.
inline bool is_filling(const Table& table) { return table.replica && table.replica->is_filling; }

// The id by which the table's items are locked: the same for all replicas of a global table.
inline TableId lock_id(const Table& table) { return table.replica ? table.replica->group : table.id; }

// Under which id the items lie in the order of the times at which they expire; zero where they do not.
inline TableId expiry_index(const Table& table) {
  return table.schema.ttl ? table.schema.ttl->index : TableId{};
}

// Live counters, exact.
struct TableStats {
  std::int64_t item_count = 0;
  std::int64_t size_bytes = 0;
};

}  // namespace tidemark::storage
