// The units that tables have consumed since the process began, for /_tidemark/metrics and /_tidemark/bill: by
// table, operation and label of the caller.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/request_label.h"
#include "storage/catalog.h"
#include "storage/stream.h"
#include "storage/table.h"

namespace tidemark::api {

struct MeteredUnits {
  double read = 0;
  double written = 0;
};

// What one operation has consumed of one table.
struct OperationUnits {
  double read = 0;  // of the table itself, as is the next
  double written = 0;
  double index_read = 0;  // of its indexes
  double index_written = 0;
  double replicated = 0;    // written for another replica of its global table
  double stream_reads = 0;  // calls of GetRecords

  OperationUnits& operator+=(const OperationUnits& more);
};

struct MeteredOperation {
  std::string account;  // empty, as are region and table, for what is beyond the number of those kept apart
  std::string region;
  std::string table;
  std::string_view operation;   // `PutItem`; empty: nobody said
  std::string label;            // empty: none
  bool is_provisioned = false;  // what the table was at that time
  OperationUnits units;
};

// On whose behalf this thread charges while this lives. `operation` must live as long as the process,
// `catalog`, in which other replicas are found, as long as this.
class MeterScope {
 public:
  MeterScope(std::string_view operation, LabelId label, const storage::Catalog& catalog);
  ~MeterScope();
  MeterScope(const MeterScope&) = delete;
  MeterScope& operator=(const MeterScope&) = delete;
};

// Each thread counts for itself; what is beyond the first thousands of tables and operations goes to the
// table 0. Thread-safety: may be called concurrently.
void meter_read(const storage::Table& table, double table_units, double index_units);
void meter_write(const storage::Table& table, double table_units, double index_units);
// What a write to the table cost its other replicas: each wrote the same to itself and to its indexes.
void meter_replication(const storage::Table& table, double table_units, double index_units);
void meter_stream_read(const storage::Stream& stream);

// The job that this thread has begun carries the label of the request. The last thousands are remembered.
void meter_job(const std::string& job_arn);
// Empty: none that is known.
std::string label_of_job(const std::string& job_arn);

// The sums over all threads, those that have ended among them.
std::map<storage::TableId, MeteredUnits> metered_units();
std::vector<MeteredOperation> metered_operations();

}  // namespace tidemark::api
