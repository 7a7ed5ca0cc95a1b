#include "api/backups/restored_table.h"

#include <algorithm>
#include <utility>

#include "api/core/capacity_meter.h"
#include "api/core/table_lookup.h"
#include "api/tables/key_schema_checks.h"
#include "api/tables/table_shapes.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"
#include "timetravel/copied_schema.h"

namespace tidemark::api {
namespace {

using model::BillingMode;
using model::IndexKind;
using model::IndexSchema;

bool has_keys(const model::KeySchema& keys, const std::vector<KeyElement>& elements) {
  std::vector<std::string_view> partition;
  std::vector<std::string_view> sort;
  for (const KeyElement& element : elements) {
    (element.is_partition_key ? partition : sort).push_back(element.name);
  }
  const auto are_named = [](const auto& attributes, const auto& names) {
    return std::ranges::equal(attributes, names, {}, &model::AttributeDefinition::name);
  };
  return are_named(keys.partition_keys, partition) && are_named(keys.sort_keys, sort);
}

// The order of attributes in a projection means nothing.
bool has_projection(const model::Projection& projection, const IndexDefinition& wanted) {
  if (projection.type != wanted.projection) return false;
  return std::ranges::is_permutation(projection.non_key_attributes,
                                     wanted.non_key_attributes.value_or(std::vector<std::string>()));
}

ApiError no_such_index(const std::string& wanted) {
  return validation(
      "Index " + wanted +
      " does not match a secondary index that existed in the source table and cannot be created "
      "during the restore operation");
}

// The index of the source by another name, perhaps with another capacity.
ApiResult<IndexSchema> matching_index(const model::TableSchema& source, IndexKind kind,
                                      const IndexDefinition& wanted) {
  const auto found = std::ranges::find_if(source.indexes, [&](const IndexSchema& index) {
    return index.kind == kind && has_keys(index.keys, wanted.key_schema) &&
           has_projection(index.projection, wanted);
  });
  if (found == source.indexes.end()) {
    return fail(no_such_index(wanted.name));
  }
  IndexSchema index = timetravel::copied_index(*found);
  index.name = wanted.name;
  if (wanted.throughput) index.throughput = *wanted.throughput;
  if (wanted.on_demand_throughput) index.on_demand_throughput = merge({}, *wanted.on_demand_throughput);
  return index;
}

ApiResult<IndexSchema> matching_index(const model::TableSchema& source, IndexKind,
                                      const VectorIndexDefinition& wanted) {
  const auto found = std::ranges::find_if(
      source.indexes, [&](const IndexSchema& index) { return is_same_vector_index(index, wanted); });
  if (found == source.indexes.end()) return fail(no_such_index(wanted.name));
  IndexSchema index = timetravel::copied_index(*found);
  index.name = wanted.name;
  return index;
}

template <class Definition>
ApiResult<void> add_indexes(const model::TableSchema& source, IndexKind kind,
                            const std::optional<std::vector<Definition>>& wanted,
                            std::vector<std::string>* names, model::TableSchema* schema) {
  if (!wanted) {
    for (const IndexSchema& index : source.indexes) {
      if (index.kind != kind || index.status == model::IndexStatus::kDeleting) continue;
      RETURN_IF_ERROR(check_index_name_is_new(index.name, names));
      schema->indexes.push_back(timetravel::copied_index(index));
    }
    return {};
  }
  for (const Definition& definition : *wanted) {
    ASSIGN_OR_RETURN(IndexSchema index, matching_index(source, kind, definition));
    RETURN_IF_ERROR(check_index_name_is_new(index.name, names));
    schema->indexes.push_back(std::move(index));
  }
  return {};
}

ApiResult<void> check_on_demand_override(const RestoreTarget& target, BillingMode billing_mode) {
  const ThroughputMembers members = target.on_demand_throughput.value_or(ThroughputMembers{});
  for (const auto& [units, member] : {std::pair{members.read, std::string("MaxReadRequestUnits")},
                                      std::pair{members.write, std::string("MaxWriteRequestUnits")}}) {
    if (!units) continue;
    if (billing_mode == BillingMode::kProvisioned) {
      return fail(validation("Invalid Request: Cannot override " + member +
                             " for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST"));
    }
    if (*units < 1) {
      return fail(validation("Invalid Request: Requested " + member +
                             " for OnDemandThroughput is outside of valid range"));
    }
  }
  return {};
}

ApiResult<void> set_capacity(const model::TableSchema& source, const RestoreTarget& target, Timestamp now,
                             model::TableSchema* schema) {
  schema->billing_mode = target.billing_mode.value_or(source.billing_mode);
  const bool is_on_demand = schema->billing_mode == BillingMode::kPayPerRequest;
  const bool becomes_provisioned = !is_on_demand && source.billing_mode == BillingMode::kPayPerRequest;
  if (target.throughput && is_on_demand) {
    return fail(validation("Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED"));
  }
  if (target.billing_mode == BillingMode::kProvisioned && !target.throughput) {
    return fail(
        validation("Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED"));
  }
  if (target.throughput) RETURN_IF_ERROR(check_throughput_bounds(*target.throughput));
  RETURN_IF_ERROR(check_on_demand_override(target, schema->billing_mode));
  schema->last_update_to_pay_per_request.reset();
  if (is_on_demand) {
    schema->last_update_to_pay_per_request = now;
    schema->throughput = {};
    if (target.on_demand_throughput) schema->on_demand_throughput = merge({}, *target.on_demand_throughput);
  } else {
    schema->on_demand_throughput.reset();
    if (target.throughput) schema->throughput = *target.throughput;
  }
  for (IndexSchema& index : schema->indexes) {
    if (index.kind != IndexKind::kGlobal) continue;
    if (is_on_demand) {
      index.throughput = {};
      continue;
    }
    index.on_demand_throughput.reset();
    // An index that never had a capacity gets that of the table.
    if (becomes_provisioned && index.throughput == model::Throughput{}) index.throughput = schema->throughput;
  }
  return {};
}

// A table that is in the way of the one to be made.
ApiError target_exists(const storage::Table& table, const std::string& name,
                       const OperationContext& context) {
  const auto restore = context.time_travel->restores.restore_into(table);
  if (!restore) return {ErrorType::kTableAlreadyExists, words::table_exists(name)};
  const std::string source =
      restore->backup_arn ? "backup: " + *restore->backup_arn : "table: " + restore->source_table_arn;
  return {ErrorType::kTableInUse, "Table: " + name + " is already being restored from " + source};
}

ApiError error_of(const jobs::StartError<timetravel::RestoreRefusal>& error,
                  const timetravel::RestoreRequest& request, const ApiError& unavailable,
                  const OperationContext& context) {
  switch (error.refusal) {
    case timetravel::RestoreRefusal::kSourceNotFound:
    case timetravel::RestoreRefusal::kTimeUnavailable:
      return unavailable;
    case timetravel::RestoreRefusal::kTableExists: {
      const auto table = context.engine.catalog().find(context.owner, request.schema.name);
      if (table) return target_exists(*table, request.schema.name, context);
      return {ErrorType::kTableAlreadyExists, words::table_exists(request.schema.name)};
    }
    case timetravel::RestoreRefusal::kBackupInUse:
      return {ErrorType::kBackupInUse,
              "Backup is being used to restore another table: " + request.record.backup_arn.value_or("")};
    case timetravel::RestoreRefusal::kTooManyRestores:
      // The service's text goes on; how is not known.
      return limit_exceeded("Only " + std::to_string(timetravel::kRestoresMax) +
                            " restore operations can be done simultaneously");
    case timetravel::RestoreRefusal::kEngine:
      break;
  }
  return error.error;
}

}  // namespace

std::vector<Member> restore_target_members() {
  return {{"TargetTableName", new_table_name(), Presence::kRequired},
          {"BillingModeOverride", billing_mode()},
          {"GlobalSecondaryIndexOverride", list_of(global_index())},
          {"LocalSecondaryIndexOverride", list_of(local_index())},
          {"ProvisionedThroughputOverride", provisioned_throughput()},
          {"OnDemandThroughputOverride", on_demand_throughput()},
          {"SSESpecificationOverride", sse_specification()},
          {"VectorIndexOverride", list_of(vector_index())}};
}

ApiResult<RestoreTarget> read_restore_target(const Input& input) {
  RestoreTarget target;
  target.table_name = input.required_string("TargetTableName");
  if (const auto mode = input.string("BillingModeOverride")) target.billing_mode = billing_mode_of(*mode);
  target.throughput = read_throughput(input, "ProvisionedThroughputOverride");
  target.on_demand_throughput = read_on_demand_members(input, "OnDemandThroughputOverride");
  target.global_indexes = read_indexes(input, "GlobalSecondaryIndexOverride");
  target.local_indexes = read_indexes(input, "LocalSecondaryIndexOverride");
  if (input.has("SSESpecificationOverride")) {
    ASSIGN_OR_RETURN(target.kms_key_id, read_kms_key_id(input, "SSESpecificationOverride"));
  }
  target.vector_indexes = read_vector_indexes(input, "VectorIndexOverride");
  for (const IndexDefinition& index : target.global_indexes.value_or(std::vector<IndexDefinition>())) {
    if (index.warm_throughput) {
      return fail(validation(words::invalid_parameter(
          "WarmThroughput cannot be specified in GlobalSecondaryIndexOverride for index: " + index.name)));
    }
  }
  return target;
}

ApiResult<model::TableSchema> restored_schema(const model::TableSchema& source, const RestoreTarget& target,
                                              const storage::Owner& owner, std::string uuid, Timestamp now) {
  model::TableSchema schema =
      timetravel::copied_schema(source, target.table_name, owner, std::move(uuid), now);
  schema.indexes.clear();
  std::vector<std::string> names;
  RETURN_IF_ERROR(add_indexes(source, IndexKind::kLocal, target.local_indexes, &names, &schema));
  RETURN_IF_ERROR(add_indexes(source, IndexKind::kGlobal, target.global_indexes, &names, &schema));
  RETURN_IF_ERROR(add_indexes(source, IndexKind::kVector, target.vector_indexes, &names, &schema));
  schema.attribute_definitions = timetravel::used_definitions(source, schema);
  RETURN_IF_ERROR(set_capacity(source, target, now, &schema));
  if (schema.has_vector_indexes() && schema.billing_mode != BillingMode::kPayPerRequest) {
    return fail(validation(words::invalid_parameter(
        "Vector indexes need a table whose BillingMode is PAY_PER_REQUEST; leave them out with an empty "
        "VectorIndexOverride")));
  }
  if (target.kms_key_id) {
    schema.sse.reset();
    if (*target.kms_key_id) schema.sse = model::SseSettings{kms_key_arn(**target.kms_key_id, owner)};
  }
  return schema;
}

ApiResult<void> check_target_is_free(const RestoreTarget& target, const OperationContext& context) {
  const auto table = context.engine.catalog().find(context.owner, target.table_name);
  if (table) return fail(target_exists(*table, target.table_name, context));
  return {};
}

ApiResult<TableDescription> start_restore(timetravel::RestoreRecord record, Timestamp moment,
                                          model::TableSchema schema, const ApiError& unavailable,
                                          OperationContext& context) {
  timetravel::RestoreRequest request{
      .record = std::move(record), .moment = moment, .schema = std::move(schema)};
  request.record.account_id = context.owner.account_id;
  request.record.region = context.owner.region;
  const auto started = context.time_travel->restores.start(request);
  if (!started) return fail(error_of(started.error(), request, unavailable, context));
  meter_job(started->record.arn);

  return TableDescription{
      .table = started->table, .counters = {}, .kind = DescriptionKind::kCreated, .restore = started->record};
}

}  // namespace tidemark::api
