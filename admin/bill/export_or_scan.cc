#include "admin/bill/export_or_scan.h"

#include <algorithm>
#include <cmath>

namespace tidemark::admin {
namespace {

constexpr double kPageBytes = 1 << 20;   // a page of a Scan ends with the item that reaches it
constexpr double kReadUnitBytes = 4096;  // half a unit each where eventual consistency is enough
// The smallest exports that were recorded of the service took about so long.
constexpr double kExportSecondsMin = 300;
// An object in a bucket by a multipart upload of one part.
constexpr std::uint64_t kRequestsPerObject = 3;
constexpr std::uint64_t kManifestObjects = 5;  // two manifests, their checksums, and `_started`

ScanCost scan(const TableSize& table, const Prices& prices, double factor) {
  const auto bytes = static_cast<double>(table.table_bytes);
  ScanCost cost;
  cost.requests = static_cast<std::uint64_t>(std::max(1.0, std::ceil(bytes / kPageBytes)));
  const double units =
      std::max({1.0, static_cast<double>(table.partitions), std::ceil(bytes / kReadUnitBytes)});
  cost.read_units = units * factor;
  if (!table.is_provisioned) cost.usd = prices.cost(Charge::kReadRequestUnits, cost.read_units);
  if (table.read_units_per_second > 0) cost.seconds = cost.read_units / table.read_units_per_second;
  return cost;
}

void write_scan(std::string_view name, const ScanCost& cost, JsonWriter& json) {
  json.key(name);
  json.begin_object();
  json.member("requests", static_cast<std::int64_t>(cost.requests));
  json.key("read_units"), json.decimal(cost.read_units);
  json.key("usd"), json.decimal(cost.usd);
  if (cost.seconds > 0) json.key("seconds_at_least"), json.decimal(cost.seconds);
  json.end_object();
}

}  // namespace

ExportOrScan compare_export_and_scan(const TableSize& table, const Prices& prices) {
  ExportOrScan costs;
  costs.eventual = scan(table, prices, 0.5);
  costs.strong = scan(table, prices, 1);
  ExportCost& exported = costs.exported;
  exported.gigabytes = static_cast<double>(table.table_bytes + table.local_index_bytes) / kGigabyte;
  exported.s3_requests = (table.partitions + kManifestObjects) * kRequestsPerObject;
  exported.usd = prices.cost(Charge::kExported, exported.gigabytes) +
                 prices.cost(Charge::kS3Writes, static_cast<double>(exported.s3_requests));
  exported.seconds = kExportSecondsMin;
  return costs;
}

void write_comparison(const TableSize& table, const ExportOrScan& costs, JsonWriter& json) {
  json.member("items", table.items);
  json.member("size_bytes", table.table_bytes);
  json.member("local_index_bytes", table.local_index_bytes);
  json.member("partitions", static_cast<std::int64_t>(table.partitions));
  json.member("billing_mode", table.is_provisioned ? "PROVISIONED" : "PAY_PER_REQUEST");
  json.key("export");
  json.begin_object();
  json.key("gigabytes"), json.decimal(costs.exported.gigabytes);
  json.key("read_units"), json.decimal(0);
  json.member("s3_requests", static_cast<std::int64_t>(costs.exported.s3_requests));
  json.key("usd"), json.decimal(costs.exported.usd);
  json.key("seconds_about"), json.decimal(costs.exported.seconds);
  json.end_object();
  write_scan("scan", costs.eventual, json);
  write_scan("consistent_scan", costs.strong, json);
  json.member("cheaper", costs.exported.usd < costs.eventual.usd ? "export" : "scan");
}

}  // namespace tidemark::admin
