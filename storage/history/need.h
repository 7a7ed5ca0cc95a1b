// What of the history must stay. Who needs it is not known here: see storage/catalog/retention.h.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "storage/table.h"

namespace tidemark::storage {

struct HistoryNeed {
  // Moments of the table from here on can be read: undo records with earlier times go.
  Timestamp from;
  // Moments that stay exact when older history is thinned out to whole seconds. Ascending; whole seconds are
  // exact anyway.
  std::vector<Timestamp> exact;
  // Before this one, if there is one, nobody needs any but the exact moments.
  std::optional<Timestamp> sparse_before = std::nullopt;

  bool operator==(const HistoryNeed&) const = default;
};

// By table: up to which moment records may be gone. The others have lost nothing that could be asked for.
using HistoryLosses = std::map<TableId, Timestamp>;

// By table. Nothing stays of the others.
using HistoryNeeds = std::map<TableId, HistoryNeed>;

// Whether any of the records of a table, the last of which has this time, is needed.
bool is_needed(const HistoryNeeds& needs, TableId table, Timestamp last_time);

// Decides anew each time that history is about to go: called with the runs in question fixed, so that whoever
// begins to need history later needs none of theirs.
using DecideHistory = std::function<HistoryNeeds()>;

// Whether `time` can be read, and whether all that follows it can.
bool is_readable(const HistoryNeed& need, Timestamp time);
bool is_readable_from(const HistoryNeed& need, Timestamp time);

// The moment that a read at `time` shows, which must be readable: `time` itself from `exact_from`
// on, before that the start of its second or the last exact moment, whichever is later.
Timestamp readable_moment(const HistoryNeed& need, Timestamp time, Timestamp exact_from);

}  // namespace tidemark::storage
