#include "storage/commit/replica_groups.h"

#include <algorithm>
#include <mutex>

namespace tidemark::storage {

ReplicaGroups::Peers ReplicaGroups::peers_of(const Table& table) const {
  if (!table.replica) return {.epoch = epoch(), .tables = {}};
  const std::shared_lock lock(mutex_);
  Peers peers{.epoch = epoch(), .tables = {}};
  const auto group = groups_.find(number(table.replica->group));
  if (group == groups_.end()) return peers;
  for (const TablePtr& member : group->second) {
    if (member->id != table.id) peers.tables.push_back(member);
  }
  return peers;
}

void ReplicaGroups::set(const TablePtr& table) {
  const std::unique_lock lock(mutex_);
  const std::uint32_t id = number(table->id);
  const auto known = group_of_.find(id);
  if (!table->replica) {
    if (known != group_of_.end() && remove(table->id)) ++epoch_;
    return;
  }
  const std::uint32_t group = number(table->replica->group);
  if (known != group_of_.end() && known->second == group) {
    for (TablePtr& member : groups_[group]) {
      if (member->id == table->id) member = table;
    }
    return;
  }
  remove(table->id);
  group_of_[id] = group;
  groups_[group].push_back(table);
  ++epoch_;
}

void ReplicaGroups::forget(TableId table) {
  const std::unique_lock lock(mutex_);
  if (remove(table)) ++epoch_;
}

bool ReplicaGroups::remove(TableId table) {
  const auto known = group_of_.find(number(table));
  if (known == group_of_.end()) return false;
  const auto group = groups_.find(known->second);
  std::erase_if(group->second, [table](const TablePtr& member) { return member->id == table; });
  if (group->second.empty()) groups_.erase(group);
  group_of_.erase(known);
  return true;
}

}  // namespace tidemark::storage
