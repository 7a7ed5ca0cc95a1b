#include "api/front/registry.h"

#include <string>
#include <unordered_map>
#include <utility>

#include "api/backups/backups.h"
#include "api/batch/batches.h"
#include "api/bulk/bulk.h"
#include "api/exports/exports.h"
#include "api/imports/imports.h"
#include "api/items/items.h"
#include "api/partiql/partiql.h"
#include "api/policies/policies.h"
#include "api/query/queries.h"
#include "api/replicas/replicas.h"
#include "api/settings/settings.h"
#include "api/streams/streams.h"
#include "api/tables/tables.h"
#include "api/tags/tags.h"
#include "api/transactions/transactions.h"
#include "api/ttl/ttl.h"
#include "api/vectors/vectors.h"
#include "base/check.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kDynamoDbTarget = "DynamoDB_20120810.";
constexpr std::string_view kStreamsTarget = "DynamoDBStreams_20120810.";

struct Registry {
  std::vector<Operation> operations;
  std::vector<OperationFamily> families;
};

// A list: splitting it would only hide it.
// NOLINTNEXTLINE(readability-function-size)
Registry make_registry() {
  Registry all;
  const auto family = [&all](std::string_view name, std::string_view document, std::string_view note) {
    all.families.push_back({.name = name, .document = document, .note = note, .operations = {}});
  };
  const auto add = [&all](Operation operation, Support support = Support::kWhole) {
    all.families.back().operations.push_back({operation.name, support});
    all.operations.push_back(std::move(operation));
  };
  constexpr auto kKept = Support::kKept;

  family("items", "",
         "expressions and, in their place, the older parameters; Scan also in parallel; ConsumedCapacity");
  add(get_item());
  add(put_item());
  add(update_item());
  add(delete_item());
  add(batch_get_item());
  add(batch_write_item());
  add(query());
  add(scan());

  family("vectors", "docs/vectors.md", "vector indexes, searched exactly");
  add(search_vectors());

  family("transactions", "", "with tokens and conflicts");
  add(transact_get_items());
  add(transact_write_items());

  family("PartiQL", "", "SELECT, INSERT, UPDATE, DELETE and EXISTS, with parameters and pages");
  add(execute_statement());
  add(batch_execute_statement());
  add(execute_transaction());

  family("tables", "docs/time.md",
         "indexes come and go while the table is in use; table class, warm throughput and encryption keys "
         "are kept without effect");
  add(create_table());
  add(describe_table());
  add(update_table());
  add(delete_table());
  add(list_tables());

  family("time to live", "docs/time.md", "expired items are deleted");
  add(update_time_to_live());
  add(describe_time_to_live());

  family("tags", "", "");
  add(tag_resource());
  add(untag_resource());
  add(list_tags_of_resource());

  family("limits and endpoints", "", "limits are told, throughput is not enforced");
  add(describe_limits());
  add(describe_endpoints());

  family("resource policies", "docs/authentication.md",
         "of tables and streams; enforced between accounts with `--auth strict`, a Deny always");
  add(put_resource_policy());
  add(get_resource_policy());
  add(delete_resource_policy());

  family("contributor insights", "", "kept and answered; nothing is measured");
  add(describe_contributor_insights(), kKept);
  add(update_contributor_insights(), kKept);
  add(list_contributor_insights(), kKept);

  family("Kinesis destinations", "", "kept and answered; nothing is sent");
  add(enable_kinesis_streaming_destination(), kKept);
  add(disable_kinesis_streaming_destination(), kKept);
  add(describe_kinesis_streaming_destination(), kKept);
  add(update_kinesis_streaming_destination(), kKept);

  family("global tables", "docs/global-tables.md",
         "replicas in the regions of one server, by UpdateTable or, in version 2017.11.29, by these; "
         "settings of "
         "auto scaling are kept and answered, nothing is scaled");
  add(create_global_table());
  add(update_global_table());
  add(describe_global_table());
  add(list_global_tables());
  add(describe_global_table_settings());
  add(update_global_table_settings());
  add(describe_table_replica_auto_scaling(), kKept);
  add(update_table_replica_auto_scaling(), kKept);

  family("bulk operations", "docs/bulk.md", "DYNAMODB_JSON with conditions, ION; reports to S3");
  add(start_bulk_put_items());
  add(describe_bulk_operation());
  add(list_bulk_operations());
  add(cancel_bulk_operation());

  family("backups", "docs/time-travel.md",
         "a table deleted with recovery on leaves a SYSTEM backup for 35 days");
  add(create_backup());
  add(delete_backup());
  add(describe_backup());
  add(list_backups());

  family("restores", "docs/time-travel.md",
         "to any second of the window, any microsecond of the last day; all overrides");
  add(restore_table_from_backup());
  add(restore_table_to_point_in_time());
  add(describe_continuous_backups());
  add(update_continuous_backups());

  family("exports", "docs/exports.md",
         "full at any time of the window, incremental with both views; DYNAMODB_JSON, ION, with "
         "`--extensions csv-export` CSV; FilterSpecification");
  add(export_table_to_point_in_time());
  add(describe_export());
  add(list_exports());

  family("imports", "docs/imports.md",
         "DYNAMODB_JSON, ION, CSV; GZIP, ZSTD, NONE; with global and vector indexes");
  add(import_table());
  add(describe_import());
  add(list_imports());

  family("streams", "docs/streams.md", "records for 24 hours");
  add(list_streams());
  add(describe_stream());
  add(get_shard_iterator());
  add(get_records());
  return all;
}

const Registry& registry() {
  static const Registry all = make_registry();
  return all;
}

using OperationIndex = std::unordered_map<std::string_view, const Operation*>;

// Targets of both services lead to their operations.
struct Index {
  std::vector<std::string> targets;  // what the keys of `by_target` point into
  OperationIndex by_target;

  Index() {
    const std::vector<Operation>& operations = all_operations();
    targets.reserve(operations.size());
    for (const Operation& operation : operations) {
      const bool is_stream = operation.service == ServiceKind::kStreams;
      targets.push_back(std::string(is_stream ? kStreamsTarget : kDynamoDbTarget) +
                        std::string(operation.name));
      INVARIANT(by_target.emplace(targets.back(), &operation).second);
    }
  }
};

}  // namespace

const std::vector<Operation>& all_operations() { return registry().operations; }

const std::vector<OperationFamily>& operation_families() { return registry().families; }

const Operation* find_operation(std::string_view target) {
  static const Index index;
  const auto found = index.by_target.find(target);
  return found == index.by_target.end() ? nullptr : found->second;
}

const Operation* find_operation(std::string_view target, const Extensions& extensions) {
  static const Operation export_with_csv = export_table_to_point_in_time({.csv_export = true});
  const Operation* const found = find_operation(target);
  const bool is_changed = extensions.csv_export && found != nullptr && found->name == export_with_csv.name;
  return is_changed ? &export_with_csv : found;
}

}  // namespace tidemark::api
