// The table that a restore makes: what of its source it takes over, and what the request overrides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_description.h"
#include "model/table_schema.h"
#include "timetravel/time_travel.h"

namespace tidemark::api {

// What is not given is as in the source.
struct RestoreTarget {
  std::string table_name;
  std::optional<model::BillingMode> billing_mode;
  std::optional<model::Throughput> throughput;
  std::optional<ThroughputMembers> on_demand_throughput;
  std::optional<std::vector<IndexDefinition>> global_indexes;
  std::optional<std::vector<IndexDefinition>> local_indexes;
  std::optional<std::vector<VectorIndexDefinition>> vector_indexes;
  // Nothing: as in the source. Nothing inside: the service's own encryption.
  std::optional<std::optional<std::string>> kms_key_id;
};

// TargetTableName and the overrides.
std::vector<Member> restore_target_members();
// Errors: ValidationException.
ApiResult<RestoreTarget> read_restore_target(const Input& input);

// Keys, indexes, capacity and encryption of the source, with the overrides. Tags, time to live, streams,
// recovery, deletion protection, policy and table class are not taken over. Errors: ValidationException.
// Source: DynamoDB API reference, RestoreTableToPointInTime; recorded answers.
ApiResult<model::TableSchema> restored_schema(const model::TableSchema& source, const RestoreTarget& target,
                                              const storage::Owner& owner, std::string uuid, Timestamp now);

// Whether a table of that name can be made. Errors: TableAlreadyExistsException; TableInUseException while
// another restore fills one.
ApiResult<void> check_target_is_free(const RestoreTarget& target, const OperationContext& context);

// Begins the restore, of which `record` says the source; answers with the new table. Errors: those of
// check_target_is_free(); `unavailable` when the source or its history is gone; LimitExceededException,
// BackupInUseException.
ApiResult<TableDescription> start_restore(timetravel::RestoreRecord record, Timestamp moment,
                                          model::TableSchema schema, const ApiError& unavailable,
                                          OperationContext& context);

}  // namespace tidemark::api
