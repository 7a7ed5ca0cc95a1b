// The replicas of a global table, found in the catalog. For what describes them: who writes items needs none
// of it.
#pragma once

#include <vector>

#include "storage/catalog.h"
#include "storage/table.h"

namespace tidemark::storage {

// All replicas of the table, itself included, in the order of their regions; nothing when it is the only one.
std::vector<TablePtr> replicas_of(const Catalog& catalog, const Table& table);

// Whether the table has other replicas.
bool is_global(const Catalog& catalog, const Table& table);

}  // namespace tidemark::storage
