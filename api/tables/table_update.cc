#include "api/tables/table_update.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/tables/change_combinations.h"
#include "api/tables/key_schema_checks.h"
#include "api/tables/settings_replication.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

using model::BillingMode;

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

// What is read here can be judged whether there is such an index or not.
ApiResult<IndexUpdate> read_change_of_index(const Input& input) {
  IndexUpdate update{.name = input.required_string("IndexName"),
                     .throughput = read_throughput(input),
                     .on_demand_throughput = read_on_demand_members(input).value_or(ThroughputMembers{}),
                     .warm_throughput = read_warm_members(input).value_or(ThroughputMembers{})};
  if (input.has("WarmThroughput") && update.warm_throughput.is_empty()) {
    return invalid(
        "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for "
        "index: " +
        update.name);
  }
  return update;
}

ApiResult<void> check_one_action(const Input& input) {
  const int actions = int{input.has("Update")} + int{input.has("Create")} + int{input.has("Delete")};
  if (actions == 0) {
    return invalid(
        "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must not be null");
  }
  if (actions == 1) return {};
  return invalid("Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object");
}

// One element of GlobalSecondaryIndexUpdates, into `update`. Returns the name of the index.
ApiResult<std::string> read_index_update(const Input& input, TableUpdate* update) {
  RETURN_IF_ERROR(check_one_action(input));
  if (const auto change = input.structure("Update")) {
    ASSIGN_OR_RETURN(IndexUpdate read, read_change_of_index(*change));
    update->index_updates.push_back(std::move(read));
    return update->index_updates.back().name;
  }
  if (const auto creation = input.structure("Create")) {
    if (update->created_index || update->deleted_index) return fail(limit_exceeded(kOneIndexAtATime));
    update->created_index = read_index(*creation);
    return update->created_index->name;
  }
  const std::string name = input.structure("Delete")->required_string("IndexName");
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

// Sic: `for the table`, but `for index by-color`.
std::string unchanged_throughput(const std::string& subject, const std::string& place,
                                 const model::Throughput& units) {
  const std::string read = std::to_string(units.read_units);
  const std::string write = std::to_string(units.write_units);
  const std::string provisioned = " provisioned for " + place + ": ";
  return "The provisioned throughput for the " + subject +
         " will not change. The requested value equals the current value. Current ReadCapacityUnits" +
         provisioned + read + ". Requested ReadCapacityUnits: " + read + ". Current WriteCapacityUnits" +
         provisioned + write + ". Requested WriteCapacityUnits: " + write +
         ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
         "limits.";
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

// What was warm stays so.
void keep_warm(model::TableSchema& schema) {
  schema.warm_throughput = warm_throughput_of(schema.billing_mode, schema.throughput, schema.warm_throughput);
}
void keep_warm(const model::TableSchema& table, model::IndexSchema& index) {
  index.warm_throughput = warm_throughput_of(table.billing_mode, index.throughput, index.warm_throughput);
}

void keep_all_warm(model::TableSchema& schema) {
  keep_warm(schema);
  for (model::IndexSchema& index : schema.indexes) {
    if (index.kind == model::IndexKind::kGlobal) keep_warm(schema, index);
  }
}

ApiResult<void> apply_billing(const TableUpdate& update, Timestamp now, model::TableSchema& schema) {
  const BillingMode before = schema.billing_mode;
  const BillingMode after = update.billing_mode.value_or(before);
  if (after == BillingMode::kPayPerRequest) {
    if (update.throughput) return invalid(words::kNoUnitsOnDemand);
    if (before == after) return {};
    keep_all_warm(schema);
    schema.billing_mode = after;
    schema.last_update_to_pay_per_request = now;
    schema.throughput = {};
    for (model::IndexSchema& index : schema.indexes) index.throughput = {};
    return {};
  }
  if (update.billing_mode && schema.has_vector_indexes()) {
    return invalid("Vector indexes need a table whose BillingMode is PAY_PER_REQUEST");
  }
  if (update.billing_mode && !update.throughput) {
    return invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  if (before == BillingMode::kPayPerRequest) {
    RETURN_IF_ERROR(check_indexes_get_throughput(update, schema));
    keep_all_warm(schema);
    schema.billing_mode = after;
    schema.on_demand_throughput.reset();
    for (model::IndexSchema& index : schema.indexes) index.on_demand_throughput.reset();
  } else if (update.throughput == schema.throughput) {
    return fail(validation(unchanged_throughput("table", "the table", schema.throughput)));
  }
  if (update.throughput) {
    note_throughput_change(schema.throughput, *update.throughput, now, schema);
    keep_warm(schema);
    schema.throughput = *update.throughput;
  }
  return {};
}

// Limits on demand and warm throughput, of a table (then `index_name` is empty) or of an index of it.
template <class Update, class Schema>
ApiResult<void> apply_limits(const Update& update, BillingMode billing_mode, const std::string& index_name,
                             Schema& schema) {
  const ThroughputOwner owner{.request = TableRequest::kUpdate, .index_name = index_name};
  RETURN_IF_ERROR(check_on_demand_throughput(update.on_demand_throughput, billing_mode, owner));
  schema.on_demand_throughput = merge(schema.on_demand_throughput, update.on_demand_throughput);
  RETURN_IF_ERROR(check_warm_throughput(
      update.warm_throughput, billing_mode,
      warm_throughput_of(billing_mode, schema.throughput, schema.warm_throughput), owner));
  schema.warm_throughput = merge_warm(schema.warm_throughput, update.warm_throughput);
  return {};
}

ApiResult<void> apply_index_update(const IndexUpdate& update, const model::TableSchema& table,
                                   model::IndexSchema& index) {
  const bool is_on_demand = table.billing_mode == BillingMode::kPayPerRequest;
  if (is_on_demand && (update.throughput || update.is_empty())) {
    return invalid(
        "The only Updates for index: " + index.name +
        " when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput");
  }
  if (update.throughput) {
    RETURN_IF_ERROR(check_throughput_bounds(*update.throughput));
    if (*update.throughput == index.throughput) {
      return fail(
          validation(unchanged_throughput("index " + index.name, "index " + index.name, index.throughput)));
    }
    keep_warm(table, index);
    index.throughput = *update.throughput;
  }
  return apply_limits(update, table.billing_mode, index.name, index);
}

// `verb` is what is to be done with it. Errors: ResourceNotFoundException; ValidationException for a local
// index.
ApiResult<model::IndexSchema*> find_global_index(model::TableSchema& schema, const std::string& name,
                                                 std::string_view verb) {
  const auto index = std::ranges::find(schema.indexes, name, &model::IndexSchema::name);
  if (index == schema.indexes.end()) {
    return fail(
        resource_not_found("Requested resource not found: Index " + name + " for table " + schema.name));
  }
  if (index->kind == model::IndexKind::kGlobal) return &*index;
  return fail(
      validation("Cannot " + std::string(verb) + " an index that is not a GlobalSecondaryIndex: " + name));
}

// Errors: ResourceNotFoundException.
ApiResult<const model::IndexSchema*> find_vector_index(const model::TableSchema& schema,
                                                       const std::string& name) {
  const model::IndexSchema* const index = schema.find_index(name);
  if (index != nullptr && index->kind == model::IndexKind::kVector) return index;
  return fail(
      resource_not_found("Requested resource not found: Index " + name + " for table " + schema.name));
}

// The table is ACTIVE, but an index may still be on its way in or out.
ApiResult<void> check_index_is_not_in_use(const model::IndexSchema& index) {
  const auto in_use = [&index](const char* what) {
    return fail(resource_in_use(words::index_in_use(what, index.name)));
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
  RETURN_IF_ERROR(check_key_schema(definition.key_schema, update.attributes, KeySchemaOwner::kGlobalIndex));
  RETURN_IF_ERROR(check_projection(definition));
  RETURN_IF_ERROR(check_index_throughput(definition, schema.billing_mode, TableRequest::kUpdate));
  std::size_t globals = 0;
  for (const model::IndexSchema& index : schema.indexes) {
    globals += index.kind == model::IndexKind::kGlobal ? 1 : 0;
    if (!check_index_is_not_in_use(index)) return fail(limit_exceeded(kOneIndexAtATime));
  }
  if (schema.find_index(definition.name) != nullptr) {
    return fail(validation(kIndexExists));
  }
  if (globals >= kGlobalIndexesMax) {
    return fail(limit_exceeded(
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20"));
  }
  merge_definitions(update, schema);
  schema.indexes.push_back(make_index(definition, model::IndexKind::kGlobal, schema.attribute_definitions));
  return {};
}

ApiResult<storage::IndexChanges> apply_index_updates(const TableUpdate& update, model::TableSchema& schema) {
  storage::IndexChanges changes;
  for (const IndexUpdate& change : update.index_updates) {
    ASSIGN_OR_RETURN(model::IndexSchema* const index, find_global_index(schema, change.name, "update"));
    RETURN_IF_ERROR(check_index_is_not_in_use(*index));
    RETURN_IF_ERROR(apply_index_update(change, schema, *index));
    changes.updated.push_back(index->id);
  }
  if (update.created_index) RETURN_IF_ERROR(create_index(update, schema));
  if (update.deleted_index) {
    ASSIGN_OR_RETURN(const model::IndexSchema* const index,
                     find_global_index(schema, *update.deleted_index, "delete"));
    RETURN_IF_ERROR(check_may_delete_index(schema, *index));
    changes.deleted.push_back(index->id);
  }
  const auto& [created, deleted] = update.vector_index;
  if (created) RETURN_IF_ERROR(create_vector_index(*created, update.attributes, schema));
  if (deleted) {
    ASSIGN_OR_RETURN(const model::IndexSchema* const index, find_vector_index(schema, *deleted));
    RETURN_IF_ERROR(check_may_delete_index(schema, *index));
    changes.deleted.push_back(index->id);
  }
  return changes;
}

ApiResult<void> apply_encryption(const TableUpdate& update, const storage::Owner& owner,
                                 model::TableSchema& schema) {
  if (!update.changes_encryption) return {};
  if (!update.kms_key_id) {
    if (!schema.sse) return invalid("Table is already encrypted by default");
    schema.sse.reset();
    return {};
  }
  model::SseSettings wanted{kms_key_arn(*update.kms_key_id, owner)};
  if (schema.sse && schema.sse->kms_key_arn == wanted.kms_key_arn) {
    return invalid(
        "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to "
        "change Master Key");
  }
  schema.sse = std::move(wanted);
  return {};
}

ApiResult<void> apply_settings(const TableUpdate& update, Timestamp now, model::TableSchema& schema) {
  RETURN_IF_ERROR(apply_limits(update, schema.billing_mode, {}, schema));
  if (update.deletion_protection) schema.deletion_protection = *update.deletion_protection;
  if (update.table_class) {
    schema.table_class = *update.table_class;
    schema.table_class_updated_at = now;
  }
  return {};
}

}  // namespace

ApiResult<TableUpdate> read_table_update(const Input& input) {
  RETURN_IF_ERROR(check_changes_go_together(input));
  TableUpdate update;
  if (const auto mode = input.string("BillingMode")) update.billing_mode = billing_mode_of(*mode);
  update.throughput = read_throughput(input);
  if (update.billing_mode == BillingMode::kPayPerRequest && update.throughput) {
    return invalid(words::kNoUnitsOnDemand);
  }
  if (update.throughput) RETURN_IF_ERROR(check_throughput_bounds(*update.throughput));
  RETURN_IF_ERROR(read_index_updates(input, &update));
  ASSIGN_OR_RETURN(update.vector_index, read_vector_index_update(input));
  update.attributes = read_attributes(input);
  if (update.created_index && !input.has("AttributeDefinitions")) {
    return invalid("AttributeDefinitions is not specified for index: " + update.created_index->name);
  }
  ASSIGN_OR_RETURN(update.stream, read_stream_change(input));
  RETURN_IF_ERROR(check_settings_replication(input));
  update.on_demand_throughput = read_on_demand_members(input).value_or(ThroughputMembers{});
  update.warm_throughput = read_warm_members(input).value_or(ThroughputMembers{});
  update.deletion_protection = input.boolean("DeletionProtectionEnabled");
  ASSIGN_OR_RETURN(std::string table_class, read_table_class(input));
  if (!table_class.empty()) update.table_class = std::move(table_class);
  update.changes_encryption = input.has("SSESpecification");
  ASSIGN_OR_RETURN(update.kms_key_id, read_kms_key_id(input));
  return update;
}

ApiResult<storage::IndexChanges> apply(const TableUpdate& update, const storage::Owner& owner, Timestamp now,
                                       model::TableSchema& schema) {
  RETURN_IF_ERROR(apply_billing(update, now, schema));
  ASSIGN_OR_RETURN(storage::IndexChanges indexes, apply_index_updates(update, schema));
  if (update.stream) RETURN_IF_ERROR(apply(*update.stream, &schema));
  RETURN_IF_ERROR(apply_encryption(update, owner, schema));
  RETURN_IF_ERROR(apply_settings(update, now, schema));
  return indexes;
}

}  // namespace tidemark::api
