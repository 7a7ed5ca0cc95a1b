// What it costs to read all of a table: by an export, or by a Scan.
#pragma once

#include <cstdint>

#include "admin/bill/charges.h"
#include "base/json_writer.h"
#include "storage/table.h"

namespace tidemark::admin {

// The table as it is.
struct TableSize {
  std::int64_t items = 0;
  std::int64_t table_bytes = 0;        // a Scan reads these
  std::int64_t local_index_bytes = 0;  // which an export is charged for, too
  std::size_t partitions = 1;
  bool is_provisioned = false;
  // Read units a second that the table gives; 0: no limit is known.
  double read_units_per_second = 0;
};

struct ScanCost {
  std::uint64_t requests = 0;
  double read_units = 0;
  double usd = 0;      // on demand; a provisioned table has paid for its capacity already
  double seconds = 0;  // at least, at the capacity of the table; 0: not known
};

struct ExportCost {
  double gigabytes = 0;
  std::uint64_t s3_requests = 0;
  double usd = 0;      // the export, and its requests to the bucket
  double seconds = 0;  // about what the smallest one takes: AWS promises nothing
};

struct ExportOrScan {
  ScanCost eventual;
  ScanCost strong;
  ExportCost exported;
};
ExportOrScan compare_export_and_scan(const TableSize& table, const Prices& prices);

// Members of an object that the caller has begun.
void write_comparison(const TableSize& table, const ExportOrScan& costs, JsonWriter& json);

}  // namespace tidemark::admin
