// What a replica still shows of items that were written in another region, where replication lags
// (EngineOptions::replica_lag).
//
// The copy of an item is written with the item, whatever the lag: which write is the last one is settled at
// once, and nothing is under way that could be lost. What lags is what the other region sees. Until the time
// of a write and the lag have passed, that region reads, and judges and changes with writes of its own, what
// it had before; a write of its own comes later than all that it has not seen, and wins over it. That is what
// replication behind the writes comes to when the last writer wins.
// Source: DynamoDB developer guide, "How DynamoDB global tables work", conflict resolution.
//
// In memory and bounded: what does not fit, and what there was before a restart, counts as having arrived.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "storage/history/pin.h"
#include "storage/query.h"
#include "storage/table.h"
#include "wal/record.h"

namespace tidemark::storage {

// Whether the table shows what other regions write as late as the lag says.
bool shows_copies_late(const Table& table);

// A stored value, of the item or an entry of an index, that a commit replaces or removes; empty: there was
// none.
struct ReplacedValue {
  wal::Space space = wal::Space::kState;
  std::string key;
  std::string value;
};

// What a commit does to one replica's copy of an item.
struct CopyChange {
  std::string state_key;
  // Of a write from another region. Empty: the region's own write, and it shows what there is.
  std::vector<ReplacedValue> replaced;
};

// Thread-safety: all methods may be called concurrently.
class LateCopies {
 public:
  static constexpr std::size_t kBytesMax = 64 << 20;

  // `clock` must outlive this. A lag of zero: nothing is ever late.
  LateCopies(const Clock& clock, std::chrono::microseconds lag, std::size_t bytes_max = kBytesMax)
      : clock_(clock), lag_(lag), bytes_max_(bytes_max) {}

  [[nodiscard]] bool is_on() const { return lag_.count() > 0; }
  // Whether what was written elsewhere then is seen by now.
  [[nodiscard]] bool has_arrived(Timestamp commit_time) const {
    return commit_time.plus(lag_) <= clock_.now();
  }

  // Under the commit lock, when the commit is applied: times must not go backwards.
  void add(Timestamp commit_time, std::vector<CopyChange> changes);

  // For whom something is late: it sees the commits up to `seen`, and it is `now`.
  struct Moment {
    Timestamp seen;
    Timestamp now;
  };
  // Of who holds the item's lock, and of no other.
  [[nodiscard]] Moment newest() const { return {kLatestTime, clock_.now()}; }

  // The stored value that is shown instead of the one that is there, empty when none is; nothing where the
  // latter is shown.
  [[nodiscard]] std::optional<std::string> find(wal::Space space, std::string_view key,
                                                const Moment& moment) const;
  // All of a range. The reader must not outlive this.
  [[nodiscard]] std::unique_ptr<UndoReader> read(wal::Space space, KeyRange range, const Moment& moment,
                                                 ReadDirection direction) const;

  // Of what is kept, for tests.
  [[nodiscard]] std::size_t bytes() const;

 private:
  class Reader;
  // What was there until a commit of another region, shown until some time.
  struct Version {
    Timestamp replaced_at;
    Timestamp shown_until;
    std::optional<Timestamp> outdone_at;  // by a write of the region's own
    std::string value;
  };
  using Place = std::pair<wal::Space, std::string>;
  using Versions = std::deque<Version>;  // in the order of their times
  struct Due {
    Timestamp shown_until;
    Place place;
    std::string state_key;
  };

  static const Version* shown(const Versions& versions, const Moment& moment);
  static std::size_t bytes_of(const Due& due, const Version& version);
  // These need mutex_.
  void outdo(const std::string& state_key, Timestamp commit_time);
  void drop_first();

  const Clock& clock_;
  const std::chrono::microseconds lag_;
  const std::size_t bytes_max_;

  mutable std::mutex mutex_;
  std::map<Place, Versions> versions_;  // guarded by mutex_, as all that follows
  // Of an item: where it has versions, and how many.
  std::unordered_map<std::string, std::map<Place, std::size_t>> places_;
  std::deque<Due> due_;  // one for each version, the first to go first
  std::size_t bytes_ = 0;
};

}  // namespace tidemark::storage
