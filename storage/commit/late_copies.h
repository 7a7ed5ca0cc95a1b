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
#include <set>
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
  // What a write from another region replaces, which the replica shows until the lag has passed. Empty: the
  // region's own write, and it shows what there is.
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
  // Whether other regions see by now what was committed then.
  [[nodiscard]] bool has_arrived(Timestamp commit_time) const;
  // No commit before the one after this has_arrived().
  [[nodiscard]] Timestamp late_after() const;

  // What was committed until then has arrived: call it at the start with the time of the last commit.
  void catch_up(Timestamp commit_time);

  // Adds what a commit does. Its time must be behind that of the commit added last, and no view may be taken
  // between the moment in which the commit can be read and this.
  void add(Timestamp commit_time, std::vector<CopyChange> changes);
  // The table shows what it has from now on.
  void forget(TableId table);

  // What is late now to whoever sees the commits up to `seen`, and until this is gone; it must not outlive
  // the copies. Who holds the locks of items may look at those with kLatestTime.
  class Look {
   public:
    Look(LateCopies& copies, Timestamp seen);
    ~Look();
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;

    // The stored value that is shown instead of the one that is there, empty when none is; nothing where the
    // latter is shown.
    [[nodiscard]] std::optional<std::string> find(wal::Space space, std::string_view key) const;
    // All of a range. The reader must not outlive this.
    [[nodiscard]] std::unique_ptr<UndoReader> read(wal::Space space, KeyRange range,
                                                   ReadDirection direction) const;

   private:
    LateCopies& copies_;
    Timestamp seen_;
    Timestamp now_;
  };

  // What is kept, as counted against the bound.
  [[nodiscard]] std::size_t bytes() const;

 private:
  class Reader;
  // What was there until a commit of another region, shown until some time.
  struct Version {
    Timestamp replaced_at;
    Timestamp shown_until;
    std::optional<Timestamp> over_at;  // the commit that ended it: a write of the region's own, above all
    std::string value;
  };
  // In the order of their times. Those before `first` are gone.
  struct Versions {
    std::vector<Version> all;
    std::size_t first = 0;
    void drop_first();
  };
  using Place = std::pair<wal::Space, std::string>;
  struct Due {
    Timestamp replaced_at;
    Timestamp shown_until;
    Place place;
    std::string state_key;
  };

  static const Version* shown(const Versions& versions, Timestamp seen, Timestamp now);
  static std::size_t bytes_of(const Due& due, const Version& version);
  // These need mutex_.
  void end(const std::string& state_key, Timestamp commit_time);
  void end_what_does_not_fit(Timestamp commit_time);
  void forget_place(const Due& due);
  void drop_some(std::size_t count_max);
  void drop_first();

  const Clock& clock_;
  const std::chrono::microseconds lag_;
  const std::size_t bytes_max_;

  mutable std::mutex mutex_;
  std::map<Place, Versions> versions_;  // guarded by mutex_, as all that follows
  // For each item, where it has versions that are not over, and how many.
  std::unordered_map<std::string, std::map<Place, std::size_t>> places_;
  std::deque<Due> due_;         // one for each version, the first to go first
  std::size_t arrived_ = 0;     // so many of those are over because there was too much
  std::size_t bytes_ = 0;       // of all
  std::size_t late_bytes_ = 0;  // without those
  // What those who look see, and when they look.
  std::multiset<Timestamp> seen_;
  std::multiset<Timestamp> nows_;
  Timestamp newest_;  // commit that was added
  Timestamp caught_up_;
};

}  // namespace tidemark::storage
