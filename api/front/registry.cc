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
#include "api/query/queries.h"
#include "api/settings/settings.h"
#include "api/streams/streams.h"
#include "api/tables/tables.h"
#include "api/tags/tags.h"
#include "api/transactions/transactions.h"
#include "api/ttl/ttl.h"
#include "base/check.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kDynamoDbTarget = "DynamoDB_20120810.";
constexpr std::string_view kStreamsTarget = "DynamoDBStreams_20120810.";

// A list: splitting it would only hide it.
// NOLINTNEXTLINE(readability-function-size)
std::vector<Operation> make_all_operations() {
  std::vector<Operation> operations;
  const auto add = [&operations](Operation operation) { operations.push_back(std::move(operation)); };

  // Items
  add(get_item());
  add(put_item());
  add(update_item());
  add(delete_item());
  add(batch_get_item());
  add(batch_write_item());
  add(query());
  add(scan());
  add(not_implemented("SearchVectors"));

  // Transactions and PartiQL
  add(transact_get_items());
  add(transact_write_items());
  add(execute_statement());
  add(batch_execute_statement());
  add(execute_transaction());

  // Tables and their settings
  add(create_table());
  add(describe_table());
  add(update_table());
  add(delete_table());
  add(list_tables());
  add(update_time_to_live());
  add(describe_time_to_live());
  add(tag_resource());
  add(untag_resource());
  add(list_tags_of_resource());
  add(describe_limits());
  add(describe_endpoints());
  add(not_implemented("PutResourcePolicy"));
  add(not_implemented("GetResourcePolicy"));
  add(not_implemented("DeleteResourcePolicy"));
  add(describe_contributor_insights());
  add(update_contributor_insights());
  add(list_contributor_insights());
  add(enable_kinesis_streaming_destination());
  add(disable_kinesis_streaming_destination());
  add(describe_kinesis_streaming_destination());
  add(update_kinesis_streaming_destination());

  // Global tables
  add(not_implemented("CreateGlobalTable"));
  add(not_implemented("UpdateGlobalTable"));
  add(not_implemented("DescribeGlobalTable"));
  add(not_implemented("ListGlobalTables"));
  add(not_implemented("DescribeGlobalTableSettings"));
  add(not_implemented("UpdateGlobalTableSettings"));
  add(not_implemented("DescribeTableReplicaAutoScaling"));
  add(not_implemented("UpdateTableReplicaAutoScaling"));

  // Bulk operations
  add(start_bulk_put_items());
  add(describe_bulk_operation());
  add(list_bulk_operations());
  add(cancel_bulk_operation());

  // Backups and point-in-time recovery
  add(create_backup());
  add(delete_backup());
  add(describe_backup());
  add(list_backups());
  add(restore_table_from_backup());
  add(restore_table_to_point_in_time());
  add(describe_continuous_backups());
  add(update_continuous_backups());

  // Exports and imports
  add(export_table_to_point_in_time());
  add(describe_export());
  add(list_exports());
  add(import_table());
  add(describe_import());
  add(list_imports());

  // Streams
  add(list_streams());
  add(describe_stream());
  add(get_shard_iterator());
  add(get_records());
  return operations;
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

const std::vector<Operation>& all_operations() {
  static const std::vector<Operation> operations = make_all_operations();
  return operations;
}

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
