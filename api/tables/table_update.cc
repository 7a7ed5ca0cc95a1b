#include "api/tables/table_update.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/tables/key_schema_checks.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

using model::BillingMode;

constexpr std::string_view kNoThroughputOnDemand =
    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST";

constexpr const char* kOneIndexAtATime =
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

ApiResult<void> refuse_unsupported(const Input& input) {
  for (const std::string_view member :
       {"ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates",
        "GlobalTableSettingsReplicationMode", "VectorIndexUpdates"}) {
    if (input.has(member)) {
      return fail(not_implemented_error("Tidemark does not implement " + std::string(member) + " yet"));
    }
  }
  return {};
}

OnDemandChange read_on_demand_change(const Input& input) {
  const auto throughput = input.structure("OnDemandThroughput");
  if (!throughput) return {};
  return {.max_read_units = throughput->integer("MaxReadRequestUnits"),
          .max_write_units = throughput->integer("MaxWriteRequestUnits")};
}

// One element of GlobalSecondaryIndexUpdates, into `update`. Returns the name of the index.
ApiResult<std::string> read_index_update(const Input& input, TableUpdate* update) {
  if (const auto change = input.structure("Update")) {
    update->index_updates.push_back({.name = change->required_string("IndexName"),
                                     .throughput = read_throughput(*change),
                                     .on_demand_throughput = read_on_demand_change(*change),
                                     .warm_throughput = read_warm_throughput(*change)});
    return update->index_updates.back().name;
  }
  if (const auto creation = input.structure("Create")) {
    if (update->created_index || update->deleted_index) return fail(limit_exceeded(kOneIndexAtATime));
    update->created_index = read_index(*creation);
    return update->created_index->name;
  }
  const auto deletion = input.structure("Delete");
  if (!deletion) {
    return invalid(
        "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must not be null");
  }
  const std::string name = deletion->required_string("IndexName");
  const bool deletes_another = update->deleted_index && *update->deleted_index != name;
  if (update->created_index || deletes_another) return fail(limit_exceeded(kOneIndexAtATime));
  update->deleted_index = name;
  return name;
}

ApiResult<void> read_index_updates(const Input& input, TableUpdate* update) {
  const auto list = input.list("GlobalSecondaryIndexUpdates");
  if (!list) return {};
  std::set<std::string, std::less<>> names;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    ASSIGN_OR_RETURN(const std::string name, read_index_update(Input(value), update));
    if (!names.insert(name).second) {
      return invalid("Only one global secondary index update per index is allowed simultaneously. Index: " +
                     name);
    }
  }
  return {};
}

bool asks_for_something(const Input& input) {
  for (const std::string_view member :
       {"BillingMode", "ProvisionedThroughput", "SSESpecification", "TableClass", "DeletionProtectionEnabled",
        "OnDemandThroughput", "WarmThroughput", "StreamSpecification", "ReplicaUpdates",
        "MultiRegionConsistency", "GlobalTableWitnessUpdates", "GlobalTableSettingsReplicationMode",
        "VectorIndexUpdates"}) {
    if (input.has(member)) return true;
  }
  const auto updates = input.list("GlobalSecondaryIndexUpdates");
  return updates && updates->size() > 0;
}

std::string unchanged_throughput(const std::string& subject, std::string_view kind,
                                 const model::Throughput& units) {
  const std::string read = std::to_string(units.read_units);
  const std::string write = std::to_string(units.write_units);
  const std::string place = " provisioned for the " + std::string(kind) + ": ";
  return "The provisioned throughput for the " + subject +
         " will not change. The requested value equals the current value. Current ReadCapacityUnits" + place +
         read + ". Requested ReadCapacityUnits: " + read + ". Current WriteCapacityUnits" + place + write +
         ". Requested WriteCapacityUnits: " + write +
         ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
         "limits.";
}

// Members that were not sent stay as they are.
ApiResult<void> apply_on_demand(const OnDemandChange& change, BillingMode billing_mode,
                                std::optional<model::OnDemandThroughput>& current) {
  if (!change.max_read_units && !change.max_write_units) return {};
  model::OnDemandThroughput merged = current.value_or(model::OnDemandThroughput{});
  merged.max_read_units = change.max_read_units.value_or(merged.max_read_units);
  merged.max_write_units = change.max_write_units.value_or(merged.max_write_units);
  RETURN_IF_ERROR(check_on_demand_throughput(merged, billing_mode));
  current = merged;
  return {};
}

void note_throughput_change(const model::Throughput& from, const model::Throughput& to, Timestamp now,
                            model::TableSchema& schema) {
  if (to.read_units > from.read_units || to.write_units > from.write_units) {
    schema.last_throughput_increase = now;
  }
  if (to.read_units < from.read_units || to.write_units < from.write_units) {
    schema.last_throughput_decrease = now;
  }
}

const IndexUpdate* find_update(const TableUpdate& update, std::string_view index_name) {
  const auto found =
      std::find_if(update.index_updates.begin(), update.index_updates.end(),
                   [index_name](const IndexUpdate& index) { return index.name == index_name; });
  return found == update.index_updates.end() ? nullptr : &*found;
}

// On-demand indexes have no throughput, so each needs one now.
ApiResult<void> check_indexes_get_throughput(const TableUpdate& update, const model::TableSchema& schema) {
  std::string missing;
  for (const model::IndexSchema& index : schema.indexes) {
    if (index.kind != model::IndexKind::kGlobal || index.name == update.deleted_index) continue;
    const IndexUpdate* const change = find_update(update, index.name);
    if (change != nullptr && change->throughput) continue;
    if (!missing.empty()) missing.push_back(',');
    missing.append(index.name);
  }
  if (missing.empty()) return {};
  return invalid("ProvisionedThroughput must be specified for index: " + missing);
}

ApiResult<void> apply_billing(const TableUpdate& update, Timestamp now, model::TableSchema& schema) {
  const BillingMode before = schema.billing_mode;
  const BillingMode after = update.billing_mode.value_or(before);
  if (after == BillingMode::kPayPerRequest) {
    if (update.throughput) return invalid(kNoThroughputOnDemand);
    if (before == after) return {};
    schema.billing_mode = after;
    schema.last_update_to_pay_per_request = now;
    schema.throughput = {};
    for (model::IndexSchema& index : schema.indexes) index.throughput = {};
    return {};
  }
  if (update.billing_mode && !update.throughput) {
    return invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  if (before == BillingMode::kPayPerRequest) {
    RETURN_IF_ERROR(check_indexes_get_throughput(update, schema));
    schema.billing_mode = after;
    schema.on_demand_throughput.reset();
    for (model::IndexSchema& index : schema.indexes) index.on_demand_throughput.reset();
  } else if (update.throughput == schema.throughput) {
    return fail(validation(unchanged_throughput("table", "table", schema.throughput)));
  }
  if (update.throughput) {
    note_throughput_change(schema.throughput, *update.throughput, now, schema);
    schema.throughput = *update.throughput;
  }
  return {};
}

ApiResult<void> apply_index_update(const IndexUpdate& update, const model::TableSchema& table,
                                   model::IndexSchema& index) {
  if (update.throughput) {
    if (table.billing_mode == BillingMode::kPayPerRequest) return invalid(kNoThroughputOnDemand);
    RETURN_IF_ERROR(check_throughput_bounds(*update.throughput));
    if (*update.throughput == index.throughput) {
      return fail(validation(unchanged_throughput("index " + index.name, "index", index.throughput)));
    }
    index.throughput = *update.throughput;
  }
  RETURN_IF_ERROR(
      apply_on_demand(update.on_demand_throughput, table.billing_mode, index.on_demand_throughput));
  if (update.warm_throughput) index.warm_throughput = update.warm_throughput;
  return {};
}

// Errors: ResourceNotFoundException.
ApiResult<model::IndexSchema*> find_global_index(model::TableSchema& schema, std::string_view name) {
  for (model::IndexSchema& index : schema.indexes) {
    if (index.kind == model::IndexKind::kGlobal && index.name == name) return &index;
  }
  return fail(resource_not_found());
}

// The table is ACTIVE, but an index may still be on its way in or out.
ApiResult<void> check_index_is_not_in_use(const model::IndexSchema& index) {
  const auto in_use = [&index](const char* what) {
    return fail(resource_in_use("Attempt to change a resource which is still in use: Index is being " +
                                std::string(what) + ": " + index.name));
  };
  if (index.status == model::IndexStatus::kCreating) return in_use("created");
  if (index.status == model::IndexStatus::kDeleting) return in_use("deleted");
  return {};
}

// An index may be deleted while it is being backfilled, but not before, and not beside another.
// Source: DynamoDB API reference, GlobalSecondaryIndexDescription, Backfilling.
ApiResult<void> check_may_delete_index(const model::TableSchema& schema, const model::IndexSchema& index) {
  if (!index.backfilling) RETURN_IF_ERROR(check_index_is_not_in_use(index));
  const bool is_alone = std::none_of(schema.indexes.begin(), schema.indexes.end(), [&](const auto& other) {
    return other.id != index.id && !check_index_is_not_in_use(other);
  });
  if (!is_alone) return fail(limit_exceeded(kOneIndexAtATime));
  return {};
}

// Adds the definitions of the new index's keys. What the table says of an attribute holds, whatever is sent.
void merge_definitions(const TableUpdate& update, model::TableSchema& schema) {
  auto& known = schema.attribute_definitions;
  for (const KeyElement& key : update.created_index->key_schema) {
    if (std::ranges::find(known, key.name, &model::AttributeDefinition::name) != known.end()) continue;
    known.push_back(*std::ranges::find(update.attributes, key.name, &model::AttributeDefinition::name));
  }
  std::ranges::sort(known, {}, &model::AttributeDefinition::name);
}

ApiResult<void> create_index(const TableUpdate& update, model::TableSchema& schema) {
  const IndexDefinition& definition = *update.created_index;
  RETURN_IF_ERROR(check_definitions_differ(update.attributes));
  RETURN_IF_ERROR(check_global_index(definition, update.attributes, schema.billing_mode));
  std::vector<std::string> names;
  std::size_t globals = 0;
  for (const model::IndexSchema& index : schema.indexes) {
    names.push_back(index.name);
    globals += index.kind == model::IndexKind::kGlobal ? 1 : 0;
    if (!check_index_is_not_in_use(index)) return fail(limit_exceeded(kOneIndexAtATime));
  }
  RETURN_IF_ERROR(check_index_name_is_new(definition.name, &names));
  if (globals >= kGlobalIndexesMax)
    return invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  merge_definitions(update, schema);
  schema.indexes.push_back(make_index(definition, model::IndexKind::kGlobal, schema.attribute_definitions));
  return {};
}

ApiResult<storage::IndexChanges> apply_index_updates(const TableUpdate& update, model::TableSchema& schema) {
  storage::IndexChanges changes;
  for (const IndexUpdate& change : update.index_updates) {
    ASSIGN_OR_RETURN(model::IndexSchema* const index, find_global_index(schema, change.name));
    RETURN_IF_ERROR(check_index_is_not_in_use(*index));
    RETURN_IF_ERROR(apply_index_update(change, schema, *index));
    changes.updated.push_back(index->id);
  }
  if (update.created_index) RETURN_IF_ERROR(create_index(update, schema));
  if (update.deleted_index) {
    ASSIGN_OR_RETURN(const model::IndexSchema* const index, find_global_index(schema, *update.deleted_index));
    RETURN_IF_ERROR(check_may_delete_index(schema, *index));
    changes.deleted.push_back(index->id);
  }
  return changes;
}

void apply_settings(const TableUpdate& update, const storage::Owner& owner, Timestamp now,
                    model::TableSchema& schema) {
  if (update.warm_throughput) schema.warm_throughput = update.warm_throughput;
  if (update.deletion_protection) schema.deletion_protection = *update.deletion_protection;
  if (update.table_class) {
    schema.table_class = *update.table_class;
    schema.table_class_updated_at = now;
  }
  if (update.changes_encryption) {
    schema.sse.reset();
    if (update.kms_key_id) schema.sse = model::SseSettings{kms_key_arn(*update.kms_key_id, owner)};
  }
}

}  // namespace

ApiResult<TableUpdate> read_table_update(const Input& input) {
  if (!asks_for_something(input)) {
    return fail(
        validation("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                   "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"));
  }
  TableUpdate update;
  if (const auto mode = input.string("BillingMode")) update.billing_mode = billing_mode_of(*mode);
  update.throughput = read_throughput(input);
  if (update.billing_mode == BillingMode::kPayPerRequest && update.throughput) {
    return invalid(kNoThroughputOnDemand);
  }
  if (update.throughput) RETURN_IF_ERROR(check_throughput_bounds(*update.throughput));
  RETURN_IF_ERROR(read_index_updates(input, &update));
  update.attributes = read_attributes(input);
  ASSIGN_OR_RETURN(update.stream, read_stream_change(input));
  RETURN_IF_ERROR(refuse_unsupported(input));
  update.on_demand_throughput = read_on_demand_change(input);
  update.warm_throughput = read_warm_throughput(input);
  update.deletion_protection = input.boolean("DeletionProtectionEnabled");
  if (const auto name = input.string("TableClass")) update.table_class = *name;
  update.changes_encryption = input.has("SSESpecification");
  ASSIGN_OR_RETURN(update.kms_key_id, read_kms_key_id(input));
  return update;
}

ApiResult<storage::IndexChanges> apply(const TableUpdate& update, const storage::Owner& owner, Timestamp now,
                                       model::TableSchema& schema) {
  RETURN_IF_ERROR(apply_billing(update, now, schema));
  ASSIGN_OR_RETURN(storage::IndexChanges indexes, apply_index_updates(update, schema));
  if (update.stream) RETURN_IF_ERROR(apply(*update.stream, &schema));
  RETURN_IF_ERROR(
      apply_on_demand(update.on_demand_throughput, schema.billing_mode, schema.on_demand_throughput));
  apply_settings(update, owner, now, schema);
  return indexes;
}

}  // namespace tidemark::api
