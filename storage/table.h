// A table as the engine knows it: its schema plus the ids under which its data lies.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/table_schema.h"

namespace tidemark::storage {

// Tables and indexes draw from one sequence of ids. An id is never used again, so history, index entries and
// late readers of a table cannot mix with those of a later one of the same name.
enum class TableId : std::uint32_t {};

// Immutable: a change of settings makes a new Table object with the same ids.
struct Table {
  TableId id{};
  std::vector<TableId> index_ids;  // parallel to schema.indexes
  model::TableSchema schema;
};
using TablePtr = std::shared_ptr<const Table>;

// Live counters, exact.
struct TableStats {
  std::int64_t item_count = 0;
  std::int64_t size_bytes = 0;
};

}  // namespace tidemark::storage
