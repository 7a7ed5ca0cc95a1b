// Where many deleted keys lie and no living one, so that readers leap over them.
//
// RocksDB steps over deleted keys one by one until a compaction drops them: a queue, whose head is one long
// row of them, is read slower with every item that passed through it. A dead range is known to be without an
// entry. A reader that had to step over many keys reports where; the range is confirmed in the background
// (engine/dead_range_finder.h); from then on writes keep it true: a put into it splits it, a delete beside it
// widens it. Nothing of it is on disk, and forgetting a range costs time only.
//
// Why a range is never wrong: puts split before RocksDB has them, deletes widen after. So who looks ranges
// up, then opens an iterator, and then still finds a range intact, has an iterator that sees no entry in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/query.h"
#include "storage/table.h"
#include "wal/record.h"

namespace tidemark::storage {

// So many keys in a row, deleted or overwritten, are stepped over before somebody takes note.
inline constexpr std::uint64_t kDeadKeysNoted = 64;

// The smallest key behind `key`.
std::string key_behind(std::string_view key);

struct DeadRange {
  explicit DeadRange(KeyRange dead) : keys(std::move(dead)) {}
  const KeyRange keys;
  std::atomic<bool> is_intact = true;  // nothing was put into it, and it is still being watched over
};
using DeadRangePtr = std::shared_ptr<const DeadRange>;

// What a reader had to step through, from where it became slow to the end of what it wanted to read: within
// one table or index.
struct SlowRange {
  wal::Space space = wal::Space::kState;
  KeyRange keys;
  bool is_reverse = false;  // it began at the end of the range
};

// What the commits of one group did, in the order in which they did it. Views into the commits.
struct KeyChange {
  enum class Kind : std::uint8_t { kPut, kDelete, kDeleteRange };
  Kind kind = Kind::kPut;
  wal::Space space = wal::Space::kState;
  std::string_view key;  // of kDeleteRange: its beginning
};

// Thread-safety: all methods may be called concurrently, those of the writer by one thread at a time.
class DeadRanges {
 public:
  // So much is kept: of one table or index, and of all.
  static constexpr std::size_t kRangesMax = 1'024;
  static constexpr std::size_t kBytesMax = 8U << 20;

  // Notes the puts into a range from its making on, between two groups of commits: see watch().
  class Watch;

  // Called, on the thread of a reader, when there is a new slow range. Must be quick. Set it before any read.
  void on_slow_range(std::function<void()> hook) { hook_ = std::move(hook); }

  // For readers. The dead ranges that meet `range`, in the order of their keys, for an iterator that is
  // opened after this: use those alone that are intact once it is open.
  [[nodiscard]] std::vector<DeadRangePtr> overlapping(wal::Space space, const KeyRange& range) const;
  // Forgotten when too many are reported at once.
  void report(SlowRange slow);

  // For the finder. Nothing when there is none.
  std::optional<SlowRange> take_slow_range();
  // Between two groups of commits, that is under the commit lock, and before the iterator is opened by which
  // the ranges are confirmed.
  [[nodiscard]] std::unique_ptr<Watch> watch(const SlowRange& slow);
  // Takes up a part of the watched range in which such an iterator found no entry.
  void confirm(const Watch& watch, KeyRange dead);

  // For the writer, under the commit lock. True when nobody needs to be told of changes.
  [[nodiscard]] bool is_idle() const { return is_idle_.load(std::memory_order_relaxed); }
  void before_write(const std::vector<KeyChange>& changes);
  void after_write(const std::vector<KeyChange>& changes);
  // Before entries come in another way.
  void forget_all();

  [[nodiscard]] std::size_t size() const;

 private:
  using Ranges = std::map<std::string, std::shared_ptr<DeadRange>, std::less<>>;  // by where they begin
  struct Group {
    Ranges ranges;
    std::size_t bytes = 0;
    mutable std::uint64_t used_at = 0;
  };
  using GroupKey = std::pair<wal::Space, std::uint32_t>;  // the id of the table or index

  // These need mutex_.
  Group* find_group(wal::Space space, std::string_view key);
  void split(const KeyChange& put);
  void split_at(Group* group, std::string_view key);
  void widen(const KeyChange& removed);
  void insert(Group* group, KeyRange range);
  Ranges::iterator erase(Group* group, Ranges::iterator at);
  void clear(Group* group);
  void erase_group(std::map<GroupKey, Group>::iterator group);
  void evict();
  void settle_idle();

  mutable std::mutex mutex_;
  std::map<GroupKey, Group> groups_;  // guarded by mutex_, as is all below
  std::vector<Watch*> watches_;
  std::deque<SlowRange> slow_;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
  mutable std::uint64_t uses_ = 0;
  std::atomic<bool> is_idle_ = true;
  std::function<void()> hook_;
};

class DeadRanges::Watch {
 public:
  Watch(DeadRanges& ranges, SlowRange slow) : ranges_(ranges), slow_(std::move(slow)) {}
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  friend class DeadRanges;
  void note_put(const KeyChange& put);
  void note_delete(const KeyChange& removed);

  DeadRanges& ranges_;
  const SlowRange slow_;
  // What was put since, and is there still. Guarded by the mutex of the ranges, as is the next.
  std::set<std::string, std::less<>> puts_;
  bool is_void_ = false;  // too much was put
};

}  // namespace tidemark::storage
