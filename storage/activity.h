// How much was written to a table, when, and by whom: as the history has it, without reading what was
// written.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/table.h"
#include "wal/record.h"

namespace tidemark::storage {

class Engine;

// Counts of changes in steps of equal length from a moment on.
struct WriteCounts {
  Timestamp from;
  std::int64_t step_seconds = 60;
  std::size_t steps = 0;
  std::map<wal::Origin, std::vector<std::uint64_t>> by_origin;  // `steps` numbers each

  // What is outside of the steps is left out.
  void add(wal::Origin origin, Timestamp time, std::uint64_t count);
};

// Fills in `counts`, of which all but the numbers must be given, with the changes of a table. Of history that
// was thinned out it counts what was kept: one change of a key and second. Of large runs minutes are known,
// so steps of less than a minute are exact for the newest history alone. Takes milliseconds, whatever the
// size of the history; runs of former versions are read through. Errors: kNotFound; kIo, kCorruption.
Result<void> count_writes(Engine& engine, TableId table, WriteCounts* counts);

}  // namespace tidemark::storage
