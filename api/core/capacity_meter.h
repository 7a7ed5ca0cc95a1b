// The units that tables have consumed since the process began, for /_tidemark/metrics.
#pragma once

#include <cstdint>
#include <map>

#include "storage/table.h"

namespace tidemark::api {

struct MeteredUnits {
  double read = 0;
  double written = 0;
};

// To a table, its indexes included. Each thread counts for itself; what is beyond the first thousands of
// tables goes to the table 0. Thread-safety: may be called concurrently.
void meter_read(storage::TableId table, double units);
void meter_write(storage::TableId table, double units);

// The sums over all threads, those that have ended among them.
std::map<storage::TableId, MeteredUnits> metered_units();

}  // namespace tidemark::api
