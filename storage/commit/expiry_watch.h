// Where in the expiry indexes there may be something to do: what the sweeper of expired items asks before it
// looks. It needs neither to read an index in which nothing is due, nor to step over what it has deleted.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <set>
#include <unordered_map>

#include "storage/table.h"

namespace tidemark::storage {

// Times are seconds since 1970. Thread-safety: all methods may be called concurrently.
class ExpiryWatch {
 public:
  static constexpr std::int64_t kFromTheBeginning = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  // An entry is there since before this call.
  void note(TableId index, std::int64_t expires_at) {
    const std::lock_guard lock(mutex_);
    const auto found = earliest_.find(number(index));
    if (found != earliest_.end() && expires_at < found->second) found->second = expires_at;
  }

  // No entry that was noted stands before this. Of an index that was never taken nothing is known.
  [[nodiscard]] std::int64_t earliest(TableId index) const {
    const std::lock_guard lock(mutex_);
    const auto found = earliest_.find(number(index));
    return found == earliest_.end() ? kFromTheBeginning : found->second;
  }

  // The same, and forgets it: whoever takes it looks at all entries from there on, and notes the first one
  // that it leaves.
  std::int64_t take(TableId index) {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = earliest_.try_emplace(number(index), kNever);
    if (is_new) return kFromTheBeginning;
    const std::int64_t earliest = found->second;
    found->second = kNever;
    return earliest;
  }

  // Forgets all others.
  void keep_only(const std::set<TableId>& indexes) {
    const std::lock_guard lock(mutex_);
    std::erase_if(earliest_, [&indexes](const auto& one) { return !indexes.contains(TableId{one.first}); });
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint32_t, std::int64_t> earliest_;  // guarded by mutex_
};

}  // namespace tidemark::storage
