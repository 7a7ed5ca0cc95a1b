// Which tables are replicas of one another, for those who write: a write to one is prepared for all.
#pragma once

#include <atomic>
#include <cstdint>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "storage/table.h"

namespace tidemark::storage {

// Thread-safety: all methods may be called concurrently; set() and forget() by one thread at a time.
class ReplicaGroups {
 public:
  // Another one after each change of who belongs to whom. What was prepared in an earlier epoch may lack a
  // replica.
  using Epoch = std::uint64_t;
  struct Peers {
    Epoch epoch = 0;
    std::vector<TablePtr> tables;  // without the table itself
  };

  // Cheap for tables that are no replicas.
  [[nodiscard]] Peers peers_of(const Table& table) const;
  [[nodiscard]] Epoch epoch() const { return epoch_.load(std::memory_order_acquire); }

  // The table is as it is now; it may have joined a group or left one.
  void set(const TablePtr& table);
  void forget(TableId table);

 private:
  // Needs mutex_. Answers whether it was there.
  bool remove(TableId table);

  mutable std::shared_mutex mutex_;
  std::unordered_map<std::uint32_t, std::vector<TablePtr>>
      groups_;                                                 // by group; guarded by mutex_, as the next
  std::unordered_map<std::uint32_t, std::uint32_t> group_of_;  // by table
  std::atomic<Epoch> epoch_ = 1;
};

}  // namespace tidemark::storage
