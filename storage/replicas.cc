#include "storage/replicas.h"

#include <algorithm>
#include <utility>

namespace tidemark::storage {

std::vector<TablePtr> replicas_of(const Catalog& catalog, const Table& table) {
  if (!table.replica) return {};
  std::vector<TablePtr> replicas;
  for (TablePtr& other : catalog.all()) {
    if (other->replica && other->replica->group == table.replica->group) replicas.push_back(std::move(other));
  }
  if (replicas.size() < 2) return {};
  std::ranges::sort(replicas, {},
                    [](const TablePtr& replica) -> const std::string& { return replica->schema.region; });
  return replicas;
}

bool is_global(const Catalog& catalog, const Table& table) { return !replicas_of(catalog, table).empty(); }

}  // namespace tidemark::storage
