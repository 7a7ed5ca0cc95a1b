#include "api/tables/replica_updates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

#include "api/core/access.h"
#include "api/tables/table_state.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

using storage::RegionConsistency;
using storage::Replica;

constexpr auto kRequired = Presence::kRequired;
constexpr std::string_view kFullView = "NEW_AND_OLD_IMAGES";
// How long a table that replicas were made from is kept.
constexpr std::chrono::hours kSourceStays{24};

// Where the replicas of a strongly consistent global table may be.
// Source: CloudFormation template reference, AWS::DynamoDB::GlobalTable GlobalTableWitness.
constexpr std::array<std::array<std::string_view, 4>, 3> kRegionSets{
    {{"us-east-1", "us-east-2", "us-west-2", ""},
     {"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"},
     {"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", ""}}};

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

Shape read_override() {
  return structure("ProvisionedThroughputOverride", {{"ReadCapacityUnits", long_integer().at_least(1)}});
}

Shape on_demand_override() {
  return structure("OnDemandThroughputOverride", {{"MaxReadRequestUnits", long_integer()}});
}

Shape replica_settings(std::string_view name) {
  return structure(name, {{"RegionName", string(), kRequired},
                          {"KMSMasterKeyId", string()},
                          {"ProvisionedThroughputOverride", read_override()},
                          {"OnDemandThroughputOverride", on_demand_override()},
                          {"GlobalSecondaryIndexes",
                           list_of(structure("ReplicaGlobalSecondaryIndex",
                                             {{"IndexName", index_name(), kRequired},
                                              {"ProvisionedThroughputOverride", read_override()},
                                              {"OnDemandThroughputOverride", on_demand_override()}}))
                               .length(1, INT32_MAX)},
                          {"TableClassOverride", enumeration({"STANDARD", "STANDARD_INFREQUENT_ACCESS"})}});
}

Shape region_alone(std::string_view name) { return structure(name, {{"RegionName", string(), kRequired}}); }

std::optional<std::int64_t> member_of(const Input& input, std::string_view structure_name,
                                      std::string_view member) {
  const auto inner = input.structure(structure_name);
  return inner ? inner->integer(member) : std::nullopt;
}

std::optional<std::string> text_of(const Input& input, std::string_view member) {
  const auto text = input.string(member);
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

ReplicaSettings read_settings(const Input& input) {
  ReplicaSettings settings{
      .region = input.required_string("RegionName"),
      .read_units = member_of(input, "ProvisionedThroughputOverride", "ReadCapacityUnits"),
      .max_read_units = member_of(input, "OnDemandThroughputOverride", "MaxReadRequestUnits"),
      .table_class = text_of(input, "TableClassOverride"),
      .kms_key_id = text_of(input, "KMSMasterKeyId"),
      .indexes = {}};
  const auto list = input.list("GlobalSecondaryIndexes");
  if (!list) return settings;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input index = input.inside(value);
    settings.indexes.push_back(
        {.index_name = index.required_string("IndexName"),
         .read_units = member_of(index, "ProvisionedThroughputOverride", "ReadCapacityUnits"),
         .max_read_units = member_of(index, "OnDemandThroughputOverride", "MaxReadRequestUnits")});
  }
  return settings;
}

// One element of ReplicaUpdates, into `updates`. Returns the region.
ApiResult<std::string> read_update(const Input& input, ReplicaUpdates* updates) {
  const int actions = int{input.has("Create")} + int{input.has("Update")} + int{input.has("Delete")};
  if (actions != 1) {
    return invalid("Exactly one of Create, Update and Delete must be specified in a ReplicationGroupUpdate");
  }
  if (const auto creation = input.structure("Create")) {
    return updates->created.emplace_back(read_settings(*creation)).region;
  }
  if (const auto change = input.structure("Update")) {
    return updates->updated.emplace_back(read_settings(*change)).region;
  }
  return updates->deleted.emplace_back(input.structure("Delete")->required_string("RegionName"));
}

ApiResult<void> read_witness(const Input& input, ReplicaUpdates* updates) {
  const auto list = input.list("GlobalTableWitnessUpdates");
  if (!list) return {};
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input update = input.inside(value);
    const auto creation = update.structure("Create");
    const auto deletion = update.structure("Delete");
    if (creation.has_value() == deletion.has_value()) {
      return invalid("Exactly one of Create and Delete must be specified in a GlobalTableWitnessGroupUpdate");
    }
    if (creation) updates->created_witness = creation->required_string("RegionName");
    if (deletion) updates->deleted_witness = deletion->required_string("RegionName");
  }
  return {};
}

storage::PeerChange* find_peer(storage::TableChange& change, std::string_view region) {
  const auto found = std::ranges::find_if(change.peers(), [region](const storage::PeerChange& peer) {
    return peer.table->schema.region == region;
  });
  return found == change.peers().end() ? nullptr : &*found;
}

ApiResult<storage::PeerChange*> existing_peer(storage::TableChange& change, std::string_view region) {
  storage::PeerChange* const peer = find_peer(change, region);
  if (peer != nullptr) return peer;
  return fail(validation(words::kNoSuchReplica));
}

// The regions of ARNs: replicas in two regions must not share one.
ApiResult<void> check_region(const std::string& region) {
  if (!region.empty() && model::arn_region(region) == region) return {};
  return invalid("Region name is not valid: " + region);
}

ApiResult<void> check_local_region(const ReplicaUpdates& updates, const std::string& region) {
  const auto is_local = [&region](const ReplicaSettings& settings) { return settings.region == region; };
  if (std::ranges::none_of(updates.created, is_local) && std::ranges::none_of(updates.updated, is_local) &&
      std::ranges::find(updates.deleted, region) == updates.deleted.end()) {
    return {};
  }
  return fail(
      validation("Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, "
                 "DeleteTable, or "
                 "UpdateTable as required."));
}

const storage::IndexOverride* find_override(const Replica& replica, std::string_view index_name) {
  const auto found = std::ranges::find(replica.indexes, index_name, &storage::IndexOverride::index_name);
  return found == replica.indexes.end() ? nullptr : &*found;
}

void forget_index(const std::string& name, Replica* replica) {
  std::erase_if(replica->indexes, [&name](const auto& index) { return index.index_name == name; });
}

using OnDemand = std::optional<model::OnDemandThroughput>;

std::int64_t max_read_units(const OnDemand& limits) {
  return limits.value_or(model::OnDemandThroughput{}).max_read_units;
}

void set_max_read_units(std::int64_t units, OnDemand* limits) {
  if (units == max_read_units(*limits)) return;
  if (!*limits) limits->emplace();
  (*limits)->max_read_units = units;
}

// What a replica has of its own, into its settings.
ApiResult<void> apply_settings(const ReplicaSettings& settings, Timestamp now, model::TableSchema* schema,
                               Replica* replica) {
  if (settings.read_units) {
    if (schema->billing_mode == model::BillingMode::kPayPerRequest) {
      return invalid("ProvisionedThroughputOverride cannot be specified when BillingMode is PAY_PER_REQUEST");
    }
    replica->read_units = schema->throughput.read_units = *settings.read_units;
  }
  if (settings.max_read_units) {
    replica->max_read_units = settings.max_read_units;
    if (!schema->on_demand_throughput) schema->on_demand_throughput.emplace();
    schema->on_demand_throughput->max_read_units = *settings.max_read_units;
  }
  if (settings.table_class) {
    replica->has_own_class = true;
    schema->table_class = *settings.table_class;
    schema->table_class_updated_at = now;
  }
  if (settings.kms_key_id) {
    const storage::Owner owner{.account_id = schema->account_id, .region = schema->region};
    schema->sse = model::SseSettings{kms_key_arn(*settings.kms_key_id, owner)};
  }
  for (const storage::IndexOverride& wanted : settings.indexes) {
    const auto index = std::ranges::find_if(schema->indexes, [&wanted](const model::IndexSchema& known) {
      return known.kind == model::IndexKind::kGlobal && known.name == wanted.index_name;
    });
    if (index == schema->indexes.end()) {
      return invalid(words::no_such_index(wanted.index_name));
    }
    if (wanted.read_units) index->throughput.read_units = *wanted.read_units;
    if (wanted.max_read_units) {
      if (!index->on_demand_throughput) index->on_demand_throughput.emplace();
      index->on_demand_throughput->max_read_units = *wanted.max_read_units;
    }
    std::erase_if(replica->indexes,
                  [&wanted](const auto& known) { return known.index_name == wanted.index_name; });
    replica->indexes.push_back(wanted);
  }
  return {};
}

// What a new replica takes over. Tags, policies, protection, recovery and who watches the table are each
// region's own.
model::TableSchema schema_of_replica(const model::TableSchema& source, const std::string& region,
                                     std::string uuid, Timestamp now) {
  model::TableSchema schema = source;
  schema.region = region;
  schema.uuid = std::move(uuid);
  schema.created_at = now;
  schema.last_throughput_increase.reset();
  schema.last_throughput_decrease.reset();
  schema.deletion_protection = false;
  schema.tags.clear();
  schema.contributor_insights.reset();
  schema.kinesis_destinations.clear();
  schema.pitr = {};
  schema.resource_policy.clear();
  schema.sse.reset();
  if (schema.ttl && schema.ttl->status == model::TtlStatus::kDisabling) schema.ttl.reset();
  if (schema.stream && !schema.stream->enabled) schema.stream.reset();
  for (model::IndexSchema& index : schema.indexes) {
    index.id = {};
    index.contributor_insights.reset();
  }
  return schema;
}

// The stream that replication goes through in the service: it is switched on with the first replica.
ApiResult<void> ensure_stream(model::TableSchema* schema) {
  if (!schema->stream || !schema->stream->enabled) {
    schema->stream = model::StreamSettings{.view_type = std::string(kFullView), .label = {}, .enabled = true};
    return {};
  }
  if (schema->stream->view_type == kFullView) return {};
  return invalid("Table must have DynamoDB Streams enabled with StreamViewType NEW_AND_OLD_IMAGES");
}

ApiResult<void> check_indexes_are_active(const model::TableSchema& schema) {
  for (const model::IndexSchema& index : schema.indexes) {
    if (index.status == model::IndexStatus::kActive) continue;
    return fail(resource_in_use("Attempt to change a resource which is still in use: Index is not active: " +
                                index.name));
  }
  return {};
}

ApiResult<void> check_region_set(const std::set<std::string>& regions) {
  const bool is_one_set = std::ranges::any_of(kRegionSets, [&regions](const auto& set) {
    return std::ranges::all_of(
        regions, [&set](const std::string& region) { return std::ranges::find(set, region) != set.end(); });
  });
  if (is_one_set) return {};
  return invalid(
      "The Regions of a global table with multi-Region strong consistency must be of one Region set");
}

// A strongly consistent global table is made at once, of an empty table, and stays as it is.
ApiResult<void> check_new_strong(const ReplicaUpdates& updates, const model::TableSchema& schema,
                                 bool is_empty_table, bool was_global) {
  if (was_global) return invalid("MultiRegionConsistency cannot be changed for an existing global table");
  if (updates.created.size() + (updates.created_witness ? 1 : 0) != 2) {
    return invalid(
        "A global table with multi-Region strong consistency must have three replicas, or two replicas and a "
        "witness");
  }
  std::set<std::string> regions{schema.region};
  for (const ReplicaSettings& replica : updates.created) regions.insert(replica.region);
  if (updates.created_witness) regions.insert(*updates.created_witness);
  if (regions.size() != 3) return invalid("Each Region may be specified only once");
  RETURN_IF_ERROR(check_region_set(regions));
  if (!is_empty_table) return invalid("MultiRegionConsistency STRONG requires an empty table");
  if (schema.ttl) return invalid("Time to Live is not supported with multi-Region strong consistency");
  if (schema.has_local_indexes()) {
    return invalid("Local secondary indexes are not supported with multi-Region strong consistency");
  }
  return {};
}

ApiResult<void> check_new_replicas(const ReplicaUpdates& updates, const storage::TableChange& change,
                                   bool is_empty_table) {
  const model::TableSchema& schema = change.table()->schema;
  const bool was_global = !change.peers().empty();
  if (was_global && change.replica()->version == storage::GlobalTableVersion::k2017) {
    return invalid("ReplicaUpdates is not supported for global tables of version 2017.11.29");
  }
  RETURN_IF_ERROR(check_indexes_are_active(schema));
  if (updates.consistency == RegionConsistency::kStrong) {
    return check_new_strong(updates, schema, is_empty_table, was_global);
  }
  if (was_global && change.replica()->consistency == RegionConsistency::kStrong) {
    return invalid("Replicas cannot be added to a global table with multi-Region strong consistency");
  }
  if (updates.created_witness) return invalid("A witness requires MultiRegionConsistency STRONG");
  return {};
}

// What the source has of its own is not for a new replica: that gets what the others share.
model::TableSchema shared_settings(const storage::TableChange& change) {
  model::TableSchema shared = change.settings();
  const auto peer_without = [&change](auto has_own) -> const model::TableSchema* {
    const auto found =
        std::ranges::find_if(change.peers(), [&](const auto& peer) { return !has_own(peer.replica); });
    return found == change.peers().end() ? nullptr : &found->settings;
  };
  const Replica& own = *change.replica();
  if (own.read_units) {
    const auto* const other =
        peer_without([](const Replica& replica) { return replica.read_units.has_value(); });
    if (other != nullptr) shared.throughput.read_units = other->throughput.read_units;
  }
  if (own.max_read_units) {
    const auto* const other =
        peer_without([](const Replica& replica) { return replica.max_read_units.has_value(); });
    if (other != nullptr)
      set_max_read_units(max_read_units(other->on_demand_throughput), &shared.on_demand_throughput);
  }
  if (own.has_own_class) {
    const auto* const other = peer_without([](const Replica& replica) { return replica.has_own_class; });
    if (other != nullptr) {
      shared.table_class = other->table_class;
      shared.table_class_updated_at = other->table_class_updated_at;
    }
  }
  for (const storage::IndexOverride& own_index : own.indexes) {
    const auto* const other = peer_without([&own_index](const Replica& replica) {
      return find_override(replica, own_index.index_name) != nullptr;
    });
    const model::IndexSchema* const same =
        other == nullptr ? nullptr : other->find_index(own_index.index_name);
    const auto index = std::ranges::find(shared.indexes, own_index.index_name, &model::IndexSchema::name);
    if (same == nullptr || index == shared.indexes.end()) continue;
    index->throughput.read_units = same->throughput.read_units;
    set_max_read_units(max_read_units(same->on_demand_throughput), &index->on_demand_throughput);
  }
  return shared;
}

ApiResult<storage::TablePtr> create_replicas(const ReplicaUpdates& updates, bool is_empty_table,
                                             OperationContext& context, storage::TableChange change) {
  const Timestamp now = context.clock.now();
  RETURN_IF_ERROR(check_access(context, *change.table(), {.action = "CreateTableReplica"}));
  RETURN_IF_ERROR(check_new_replicas(updates, change, is_empty_table));
  RETURN_IF_ERROR(check_no_bulk_operation(context, *change.table()));
  // What a table that was left alone keeps of its former global table counts no more.
  if (change.peers().empty()) {
    change.replica() = Replica{};
    change.replica()->united_at = now;
    change.replica()->consistency = updates.consistency.value_or(RegionConsistency::kEventual);
    change.replica()->witness_region = updates.created_witness.value_or("");
  }
  const bool is_eventual = change.replica()->consistency == RegionConsistency::kEventual;
  if (is_eventual) RETURN_IF_ERROR(ensure_stream(&change.settings()));
  std::vector<storage::NewReplica> replicas;
  for (const ReplicaSettings& settings : updates.created) {
    RETURN_IF_ERROR(check_region(settings.region));
    storage::NewReplica replica{
        .schema = schema_of_replica(shared_settings(change), settings.region, context.random.uuid(), now),
        .replica = {}};
    replica.replica.consistency = change.replica()->consistency;
    replica.replica.witness_region = change.replica()->witness_region;
    replica.replica.united_at = change.replica()->united_at;
    if (!is_eventual) replica.schema.stream.reset();
    if (change.settings().sse && !settings.kms_key_id) {
      return invalid("KMSMasterKeyId must be specified for each replica.");
    }
    RETURN_IF_ERROR(apply_settings(settings, now, &replica.schema, &replica.replica));
    replicas.push_back(std::move(replica));
  }
  const std::string name = change.table()->schema.name;
  auto added = context.engine.table_states().add_replicas(std::move(change), std::move(replicas));
  if (added) return *std::move(added);
  if (added.error().code == ErrorCode::kAlreadyExists) {
    return fail(validation("Failed to create a the new replica of table with name: '" + name +
                           "' because one or more replicas already existed as tables."));
  }
  return fail(ApiError(added.error()));
}

// A table that was united with others is ACTIVE while it gets what they have, and gives what it has.
ApiResult<void> check_is_filled(const model::TableSchema& schema, const Replica& replica) {
  if (!replica.is_filling) return {};
  return fail(resource_in_use(
      "Attempt to change a resource which is still in use: Replica is being created: " + schema.region));
}

ApiResult<storage::TablePtr> delete_replicas(const ReplicaUpdates& updates, OperationContext& context,
                                             storage::TableChange change) {
  std::vector<storage::TableId> ids;
  for (const std::string& region : updates.deleted) {
    ASSIGN_OR_RETURN(const storage::PeerChange* const peer, existing_peer(change, region));
    for (const std::string_view action : {"DeleteTable", "DeleteTableReplica"}) {
      RETURN_IF_ERROR(check_access(context, *peer->table, {.action = action}));
    }
    RETURN_IF_ERROR(check_not_protected(peer->table->schema));
    RETURN_IF_ERROR(check_may_delete_replica(*peer->table->replica, context.clock.now()));
    ids.push_back(peer->table->id);
  }
  Replica& own = *change.replica();
  const bool is_strong = own.consistency == RegionConsistency::kStrong;
  if (updates.deleted_witness && own.witness_region != *updates.deleted_witness) {
    return fail(validation(words::kNoSuchReplica));
  }
  const bool deletes_witness = own.witness_region.empty() || updates.deleted_witness;
  if (is_strong && (ids.size() != change.peers().size() || !deletes_witness)) {
    return invalid(
        "All other replicas, and the witness, of a global table with multi-Region strong consistency must be "
        "deleted together");
  }
  if (ids.size() == change.peers().size()) {
    own.consistency = RegionConsistency::kEventual;
    own.witness_region.clear();
  }
  ASSIGN_OR_RETURN(storage::TablePtr table,
                   context.engine.table_states().remove_replicas(std::move(change), ids));
  return table;
}

ApiResult<storage::TablePtr> change_replicas(const ReplicaUpdates& updates, OperationContext& context,
                                             storage::TableChange change) {
  for (const ReplicaSettings& settings : updates.updated) {
    ASSIGN_OR_RETURN(storage::PeerChange* const peer, existing_peer(change, settings.region));
    RETURN_IF_ERROR(check_access(context, *peer->table, {.action = "UpdateTable"}));
    RETURN_IF_ERROR(apply_settings(settings, context.clock.now(), &peer->settings, &peer->replica));
  }
  ASSIGN_OR_RETURN(storage::TablePtr table, context.engine.table_states().begin_update(std::move(change)));
  return table;
}

// Overrides of a replica, over what it shares with the others.
void keep_overrides(const Replica& replica, const model::TableSchema& before, model::TableSchema* schema) {
  const bool is_provisioned = schema->billing_mode == model::BillingMode::kProvisioned;
  if (replica.read_units && is_provisioned) schema->throughput.read_units = *replica.read_units;
  if (replica.max_read_units && schema->on_demand_throughput) {
    schema->on_demand_throughput->max_read_units = *replica.max_read_units;
  }
  if (replica.has_own_class) {
    schema->table_class = before.table_class;
    schema->table_class_updated_at = before.table_class_updated_at;
  }
  for (const storage::IndexOverride& override : replica.indexes) {
    for (model::IndexSchema& index : schema->indexes) {
      if (index.name != override.index_name) continue;
      if (override.read_units && is_provisioned) index.throughput.read_units = *override.read_units;
      if (override.max_read_units && index.on_demand_throughput) {
        index.on_demand_throughput->max_read_units = *override.max_read_units;
      }
    }
  }
}

// The capacity of a table or an index as the replicas share it: that of the updated one, where this one's
// reads are not its own.
template <class Schema>
void take_shared_capacity(const Schema& from, bool has_own_reads, bool has_own_maximum, Schema* to) {
  const std::int64_t reads = to->throughput.read_units;
  const std::int64_t maximum = max_read_units(to->on_demand_throughput);
  to->throughput = from.throughput;
  to->on_demand_throughput = from.on_demand_throughput;
  to->warm_throughput = from.warm_throughput;
  if (has_own_reads) to->throughput.read_units = reads;
  if (has_own_maximum) set_max_read_units(maximum, &to->on_demand_throughput);
}

// What the update is judged by is the same for all replicas: what one has of its own must not stand against
// it. What the updated one (`from`) has of its own, `own`, is not taken over.
void take_shared_settings(const model::TableSchema& from, const Replica& own, model::TableSchema* schema) {
  schema->billing_mode = from.billing_mode;
  take_shared_capacity(from, own.read_units.has_value(), own.max_read_units.has_value(), schema);
  if (!own.has_own_class) schema->table_class = from.table_class;
  for (model::IndexSchema& index : schema->indexes) {
    const model::IndexSchema* const same = from.find_index(index.name);
    if (same == nullptr) continue;
    const storage::IndexOverride* const own_index = find_override(own, index.name);
    take_shared_capacity(*same, own_index != nullptr && own_index->read_units,
                         own_index != nullptr && own_index->max_read_units, &index);
  }
}

// New units of a table or an index whose reads are its own: for the others, the writes alone. Nothing is left
// when they have these already.
void keep_reads(const model::Throughput& current, std::optional<model::Throughput>* units) {
  if (!*units) return;
  (*units)->read_units = current.read_units;
  if (*units == current) units->reset();
}

// What is left of the update for another replica, which has `schema`, when the updated one has reads and a
// class of its own.
TableUpdate shared_part(const TableUpdate& update, const Replica& own, const model::TableSchema& schema) {
  TableUpdate shared = update;
  shared.stream.reset();
  shared.deletion_protection.reset();
  // A key is its region's own.
  shared.changes_encryption = false;
  if (own.has_own_class) shared.table_class.reset();
  if (own.max_read_units) shared.on_demand_throughput.read.reset();
  // On demand nobody has units that could be kept.
  const bool is_provisioned = schema.billing_mode == model::BillingMode::kProvisioned;
  if (own.read_units && is_provisioned && update.throughput) {
    keep_reads(schema.throughput, &shared.throughput);
    if (!shared.throughput) shared.billing_mode.reset();
  }
  for (IndexUpdate& index : shared.index_updates) {
    const storage::IndexOverride* const own_index = find_override(own, index.name);
    const model::IndexSchema* const current = schema.find_index(index.name);
    if (own_index == nullptr || current == nullptr) continue;
    if (own_index->read_units && is_provisioned) keep_reads(current->throughput, &index.throughput);
    if (own_index->max_read_units) index.on_demand_throughput.read.reset();
  }
  std::erase_if(shared.index_updates, [&own](const IndexUpdate& index) {
    return index.is_empty() && find_override(own, index.name) != nullptr;
  });
  return shared;
}

// What the updated table has of its own becomes what the update says.
void update_own(const TableUpdate& update, Replica* own) {
  if (own->read_units && update.throughput) own->read_units = update.throughput->read_units;
  const auto change_maximum = [](const ThroughputMembers& members, std::optional<std::int64_t>* maximum) {
    if (*maximum && members.read) *maximum = members.read;
  };
  change_maximum(update.on_demand_throughput, &own->max_read_units);
  for (storage::IndexOverride& own_index : own->indexes) {
    const auto index = std::ranges::find(update.index_updates, own_index.index_name, &IndexUpdate::name);
    if (index == update.index_updates.end()) continue;
    if (own_index.read_units && index->throughput) own_index.read_units = index->throughput->read_units;
    change_maximum(index->on_demand_throughput, &own_index.max_read_units);
  }
  if (update.deleted_index) forget_index(*update.deleted_index, own);
}

}  // namespace

Shape replica_updates() {
  return list_of(structure("ReplicationGroupUpdate",
                           {{"Create", replica_settings("CreateReplicationGroupMemberAction")},
                            {"Update", replica_settings("UpdateReplicationGroupMemberAction")},
                            {"Delete", region_alone("DeleteReplicationGroupMemberAction")}}))
      .length(1, INT32_MAX);
}

Shape witness_updates() {
  return list_of(structure("GlobalTableWitnessGroupUpdate",
                           {{"Create", region_alone("CreateGlobalTableWitnessGroupMemberAction")},
                            {"Delete", region_alone("DeleteGlobalTableWitnessGroupMemberAction")}}))
      .length(1, 1);
}

Shape region_consistency() { return enumeration({"EVENTUAL", "STRONG"}); }

ApiResult<ReplicaUpdates> read_replica_updates(const Input& input) {
  ReplicaUpdates updates;
  if (const auto list = input.list("ReplicaUpdates")) {
    std::set<std::string> regions;
    json::Value value;
    for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
      ASSIGN_OR_RETURN(std::string region, read_update(input.inside(value), &updates));
      if (!regions.insert(std::move(region)).second) {
        return invalid("Only one replica update per Region is allowed simultaneously");
      }
    }
  }
  RETURN_IF_ERROR(read_witness(input, &updates));
  if (const auto consistency = input.string("MultiRegionConsistency")) {
    updates.consistency =
        *consistency == "STRONG" ? RegionConsistency::kStrong : RegionConsistency::kEventual;
  }
  const int kinds =
      int{!updates.created.empty()} + int{!updates.updated.empty()} + int{!updates.deleted.empty()};
  if (kinds > 1) return invalid("Replicas cannot be created, updated and deleted in one request");
  if (updates.consistency && updates.created.empty()) {
    return invalid("MultiRegionConsistency can only be specified when replicas are created");
  }
  if (updates.created_witness && updates.created.empty()) {
    return invalid("A witness can only be created together with a replica");
  }
  if (updates.deleted_witness && updates.deleted.empty()) {
    return invalid("A witness can only be deleted together with a replica");
  }
  return updates;
}

ApiResult<storage::TablePtr> apply_replica_updates(const ReplicaUpdates& updates, bool is_empty_table,
                                                   OperationContext& context, storage::TableChange change) {
  RETURN_IF_ERROR(check_local_region(updates, change.table()->schema.region));
  if (!updates.created.empty()) return create_replicas(updates, is_empty_table, context, std::move(change));
  if (!updates.deleted.empty()) return delete_replicas(updates, context, std::move(change));
  return change_replicas(updates, context, std::move(change));
}

ApiResult<void> check_no_bulk_operation(const OperationContext& context, const storage::Table& table) {
  if (context.transfers == nullptr) return {};
  for (const transfer::BulkRecord& record : context.transfers->bulk.book().unfinished()) {
    if (record.table_id != storage::number(table.id)) continue;
    return fail(resource_in_use(
        "Attempt to change a resource which is still in use: A bulk operation writes to table: " +
        table.schema.name));
  }
  return {};
}

ApiResult<void> check_replicas_are_active(const storage::TableChange& change) {
  if (change.peers().empty()) return {};
  RETURN_IF_ERROR(check_is_filled(change.table()->schema, *change.replica()));
  for (const storage::PeerChange& peer : change.peers()) {
    RETURN_IF_ERROR(check_not_in_use(peer.table->schema));
    RETURN_IF_ERROR(check_is_filled(peer.table->schema, peer.replica));
  }
  return {};
}

ApiResult<void> apply_to_other_replicas(const TableUpdate& update, Timestamp now,
                                        storage::TableChange* change) {
  if (change->peers().empty()) return {};
  const bool is_eventual = change->replica()->consistency == RegionConsistency::kEventual;
  if (update.stream && is_eventual) {
    return invalid("DynamoDB Streams cannot be disabled or changed on a replica of a global table");
  }
  const Replica& own = *change->replica();
  for (storage::PeerChange& peer : change->peers()) {
    const model::TableSchema before = peer.settings;
    const storage::Owner owner{.account_id = before.account_id, .region = before.region};
    take_shared_settings(change->table()->schema, own, &peer.settings);
    ASSIGN_OR_RETURN(peer.indexes, apply(shared_part(update, own, peer.settings), owner, now, peer.settings));
    keep_overrides(peer.replica, before, &peer.settings);
    if (update.deleted_index) forget_index(*update.deleted_index, &peer.replica);
  }
  update_own(update, &*change->replica());
  return {};
}

ApiResult<void> check_may_delete_replica(const Replica& replica, Timestamp now) {
  if (!replica.sourced_at || now >= replica.sourced_at->plus(kSourceStays)) return {};
  return fail(
      validation("Replica cannot be deleted because it has acted as a source region for new replica(s) being "
                 "added to the "
                 "table in the last 24 hours."));
}

}  // namespace tidemark::api
