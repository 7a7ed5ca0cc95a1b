#include "storage/catalog/local_table_states.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "storage/catalog/transitions.h"
#include "storage/replicas.h"

namespace tidemark::storage {
namespace {

// After a failure, of the disk perhaps.
constexpr std::chrono::seconds kRetryInterval{5};

}  // namespace

LocalTableStates::~LocalTableStates() {
  std::map<Timestamp, ScheduledTask> plans;  // cancelled without the lock, which a running one takes
  const std::lock_guard lock(plans_mutex_);
  is_closing_ = true;
  plans.swap(plans_);
}

Result<TablePtr> LocalTableStates::begin_create(model::TableSchema schema,
                                                std::optional<FilledBy> filled_by) {
  auto created = create(std::move(schema), std::move(filled_by));
  streams_.hold_logs();
  return created;
}

Result<TablePtr> LocalTableStates::create(model::TableSchema schema, std::optional<FilledBy> filled_by) {
  const auto lock = catalog_.lock_tables();
  if (catalog_.find({schema.account_id, schema.region}, schema.name)) {
    return fail(Error::already_exists("table " + schema.name));
  }
  Table table = new_table(std::move(schema));
  table.filled_by = std::move(filled_by);
  const Timestamp now = clock_.now();
  begin_creation(now, times_, &table);
  return commit(std::move(table), now);
}

Table LocalTableStates::new_table(model::TableSchema schema) {
  Table table;
  table.id = catalog_.new_id();
  table.schema = std::move(schema);
  for (model::IndexSchema& index : table.schema.indexes) index.id = catalog_.new_id();
  table.partitions = new_partitions(table.schema);
  return table;
}

std::vector<Partition> LocalTableStates::new_partitions(const model::TableSchema& schema) {
  std::vector<Partition> partitions;
  for (const HashRange hashes : even_shares(initial_partition_count(schema))) {
    partitions.push_back({.id = PartitionId{number(catalog_.new_id())},
                          .hashes = hashes,
                          .parent = {},
                          .created_at = schema.created_at});
  }
  return partitions;
}

Result<TablePtr> LocalTableStates::filled(TableId id) {
  ASSIGN_OR_RETURN(const TableChange change, hold(id));
  Table table = *change.table();
  if (!finish_creation(&table)) return change.table();
  return catalog_.put_table(std::move(table));
}

Result<void> LocalTableStates::abandon(TableId id) {
  const auto lock = catalog_.lock_tables();
  return catalog_.remove_table(id);
}

Result<TableChange> LocalTableStates::hold(TableId id) {
  auto lock = catalog_.lock_tables();
  TablePtr table = catalog_.find(id);
  if (!table) return fail(Error::not_found("the table is gone"));
  std::vector<PeerChange> peers = peers_of(*table);
  return TableChange(std::move(lock), std::move(table), std::move(peers));
}

std::vector<PeerChange> LocalTableStates::peers_of(const Table& table) const {
  std::vector<PeerChange> peers;
  for (const TablePtr& other : replicas_of(catalog_, table)) {
    // What is being deleted has no settings to share any more, and may be due to go.
    if (other->id == table.id || other->schema.status == model::TableStatus::kDeleting) continue;
    peers.push_back({.table = other, .settings = other->schema, .replica = *other->replica, .indexes = {}});
  }
  std::ranges::sort(peers, {}, [](const PeerChange& peer) { return peer.table->id; });
  return peers;
}

Table LocalTableStates::edited(const Table& before, const model::TableSchema& settings) {
  Table table = before;
  take_settings(settings, &table);
  for (model::IndexSchema& index : table.schema.indexes) {
    if (index.id == TableId{}) index.id = catalog_.new_id();
  }
  return table;
}

std::vector<Table> LocalTableStates::edited(const TableChange& change) {
  std::vector<Table> tables;
  tables.push_back(edited(*change.table(), change.settings()));
  tables.back().replica = change.replica();
  for (const PeerChange& peer : change.peers()) {
    tables.push_back(edited(*peer.table, peer.settings));
    tables.back().replica = peer.replica;
  }
  return tables;
}

Result<TablePtr> LocalTableStates::begin_update(TableChange change, const IndexChanges& indexes) {
  auto updated = update(std::move(change), indexes);
  streams_.hold_logs();
  return updated;
}

Result<TablePtr> LocalTableStates::update(TableChange change, const IndexChanges& indexes) {
  std::vector<Table> tables = edited(change);
  const Timestamp now = clock_.now();
  storage::begin_update(indexes, now, times_, &tables.front());
  for (std::size_t i = 0; i < change.peers().size(); ++i) {
    const PeerChange& peer = change.peers()[i];
    Table& table = tables[i + 1];
    // A replica that is being made, or goes, keeps its state: it is no news that it changes.
    if (table.schema.status != model::TableStatus::kActive) continue;
    storage::begin_update(peer.indexes, now, times_, &table);
  }
  return commit_all(std::move(tables), now);
}

Result<TablePtr> LocalTableStates::begin_delete(TableChange change) {
  Table table = *change.table();
  const Timestamp now = clock_.now();
  begin_deletion(now, times_, &table);
  return commit(std::move(table), now);
}

Result<TablePtr> LocalTableStates::save(TableChange change) {
  std::vector<CatalogStore::TablePut> puts;
  for (Table& table : edited(change)) puts.push_back({.table = std::move(table), .document = {}});
  ASSIGN_OR_RETURN(const std::vector<TablePtr> saved, catalog_.put_tables(std::move(puts)));
  return saved.front();
}

Result<TablePtr> LocalTableStates::enable_ttl(TableChange change, std::string attribute) {
  INVARIANT(!change.table()->schema.ttl);
  const Timestamp now = clock_.now();
  std::vector<Table> tables = edited(change);
  for (Table& table : tables) {
    if (table.schema.ttl) continue;
    model::TtlSettings ttl;
    ttl.attribute = attribute;
    ttl.index = catalog_.new_id();
    begin_enabling_ttl(std::move(ttl), now, times_, &table);
  }
  return commit_all(std::move(tables), now);
}

Result<TablePtr> LocalTableStates::disable_ttl(TableChange change) {
  INVARIANT(change.table()->schema.ttl);
  const Timestamp now = clock_.now();
  std::vector<Table> tables = edited(change);
  for (Table& table : tables) {
    if (table.schema.ttl) begin_disabling_ttl(now, times_, &table);
  }
  return commit_all(std::move(tables), now);
}

Result<void> LocalTableStates::ttl_indexed(TableId id, TableId index) {
  ASSIGN_OR_RETURN(const TableChange change, hold(id));
  Table table = *change.table();
  auto& ttl = table.schema.ttl;
  if (!ttl || ttl->index != index || std::exchange(ttl->is_indexed, true)) return {};
  RETURN_IF_ERROR(catalog_.put_table(std::move(table)));
  return {};
}

Result<TablePtr> LocalTableStates::index_filled(TableId id, TableId index) {
  ASSIGN_OR_RETURN(const TableChange change, hold(id));
  Table table = *change.table();
  if (table.schema.find_index(index) == nullptr) return fail(Error::not_found("the index is gone"));
  if (!finish_index_creation(index, &table)) return change.table();
  return catalog_.put_table(std::move(table));
}

Result<TablePtr> LocalTableStates::add_replicas(TableChange change, std::vector<NewReplica> replicas) {
  auto added = create_replicas(change, std::move(replicas));
  {
    // The tables are let go: to hold the logs of new streams takes them again.
    const TableChange done = std::move(change);
  }
  streams_.hold_logs();
  return added;
}

// The items that are there come later; every write from this commit on goes to all replicas.
Result<TablePtr> LocalTableStates::create_replicas(const TableChange& change,
                                                   std::vector<NewReplica> replicas) {
  const Timestamp now = clock_.now();
  std::vector<Table> tables = edited(change);
  INVARIANT(tables.front().replica);
  const TableId group = change.table()->replica ? change.table()->replica->group : change.table()->id;
  tables.front().replica->group = group;
  tables.front().replica->sourced_at = now;
  storage::begin_update({}, now, times_, &tables.front());
  for (NewReplica& replica : replicas) {
    replica.replica.group = group;
    ASSIGN_OR_RETURN(Table table, new_replica_table(std::move(replica), *change.table()));
    begin_creation(now, times_, &table);
    tables.push_back(std::move(table));
  }
  ASSIGN_OR_RETURN(TablePtr updated, commit_all(std::move(tables), now));
  if (new_replica_hook_) new_replica_hook_();
  return updated;
}

Result<Table> LocalTableStates::new_replica_table(NewReplica replica, const Table& source) {
  const model::TableSchema& schema = replica.schema;
  INVARIANT(schema.account_id == source.schema.account_id && schema.name == source.schema.name);
  if (catalog_.find({schema.account_id, schema.region}, schema.name)) {
    return fail(Error::already_exists("table " + schema.name + " in " + schema.region));
  }
  Table table = new_table(std::move(replica.schema));
  table.replica = std::move(replica.replica);
  table.replica->is_filling = true;
  auto& ttl = table.schema.ttl;
  if (ttl) {
    // It has no items that could be missing in that order.
    ttl->index = catalog_.new_id();
    ttl->is_indexed = true;
  }
  return table;
}

Result<TablePtr> LocalTableStates::remove_replicas(TableChange change, const std::vector<TableId>& replicas) {
  const Timestamp now = clock_.now();
  std::vector<Table> tables = edited(change);
  tables.resize(1);
  storage::begin_update({}, now, times_, &tables.front());
  for (const TableId id : replicas) {
    const TablePtr replica = catalog_.find(id);
    if (!replica) continue;
    begin_deletion(now, times_, &tables.emplace_back(*replica));
  }
  return commit_all(std::move(tables), now);
}

Result<void> LocalTableStates::unite(TableChange change, const std::vector<TableId>& others,
                                     const Replica& replica) {
  std::vector<CatalogStore::TablePut> puts;
  const TableId group = change.table()->replica ? change.table()->replica->group : change.table()->id;
  const auto join = [&](const Table& table) {
    Table joined = table;
    joined.replica = replica;
    joined.replica->group = group;
    joined.replica->is_filling = true;
    puts.push_back({.table = std::move(joined), .document = {}});
  };
  if (!is_global(catalog_, *change.table())) join(*change.table());
  for (const TableId id : others) {
    const TablePtr other = catalog_.find(id);
    if (!other) return fail(Error::not_found("the table is gone"));
    if (is_global(catalog_, *other)) return fail(Error::conflict("the table is a replica already"));
    join(*other);
  }
  RETURN_IF_ERROR(catalog_.put_tables(std::move(puts)));
  if (new_replica_hook_) new_replica_hook_();
  return {};
}

Result<void> LocalTableStates::leave(TableChange change) {
  Table table = *change.table();
  INVARIANT(table.replica);
  table.replica.reset();
  RETURN_IF_ERROR(catalog_.put_table(std::move(table)));
  return {};
}

Result<void> LocalTableStates::replica_filled(TableId id) {
  ASSIGN_OR_RETURN(const TableChange change, hold(id));
  Table table = *change.table();
  if (!is_filling(table)) return {};
  table.replica->is_filling = false;
  finish_creation(&table);
  RETURN_IF_ERROR(catalog_.put_table(std::move(table)));
  return {};
}

Result<std::optional<Document>> LocalTableStates::stream_document_of(Table* passing) {
  const TablePtr before = catalog_.find(passing->id);
  if (!has_stream(*passing) || (before && has_stream(*before))) return std::nullopt;
  ASSIGN_OR_RETURN(Document document, streams_.begin(passing));
  return std::optional(std::move(document));
}

// One commit, whether or not the passing state is ever stored: there is nothing in between for a crash to
// leave.
Result<TablePtr> LocalTableStates::commit(Table passing, Timestamp now) {
  std::vector<Table> tables;
  tables.push_back(std::move(passing));
  return commit_all(std::move(tables), now);
}

Result<TablePtr> LocalTableStates::commit_all(std::vector<Table> passing, Timestamp now) {
  std::vector<CatalogStore::TablePut> puts;
  std::vector<Table> gone;
  bool ends_stream = false;
  bool has_new_index = false;
  std::vector<Timestamp> due;
  for (Table& table : passing) {
    const TablePtr before = catalog_.find(table.id);
    if (Table last = table; !make_transitions(now, &last)) {
      ends_stream |= before && has_stream(*before);
      gone.push_back(std::move(last));
      continue;
    }
    ASSIGN_OR_RETURN(std::optional<Document> document, stream_document_of(&table));
    Table stored = table;
    INVARIANT(make_transitions(now, &stored));
    if (const auto next = next_transition(stored)) due.push_back(*next);
    has_new_index |= std::ranges::any_of(stored.schema.indexes, &model::IndexSchema::backfilling);
    ends_stream |= before && has_stream(*before) && !has_stream(stored);
    puts.push_back({.table = std::move(stored), .document = std::move(document)});
  }
  RETURN_IF_ERROR(store(std::move(puts), gone));
  if (has_new_index && new_index_hook_) new_index_hook_();
  for (const Timestamp time : due) plan(time);
  if (ends_stream) streams_.note_ends();
  return std::make_shared<const Table>(std::move(passing.front()));
}

Result<void> LocalTableStates::store(std::vector<CatalogStore::TablePut> puts,
                                     const std::vector<Table>& gone) {
  std::vector<CatalogStore::TableRemoval> removals;
  for (const Table& table : gone) {
    removals.push_back({.id = table.id, .hold = {}});
    if (table.schema.pitr.enabled) removals.back().hold = retention_.hold_last_state(table.id);
  }
  const auto stored = catalog_.change_tables(std::move(puts), removals);
  for (const CatalogStore::TableRemoval& removal : removals) {
    if (!removal.hold) continue;
    if (!stored) {
      retention_.forget_last_state(removal.id);
    } else if (retired_hook_) {
      retired_hook_(removal.id);
    }
  }
  if (!stored) return fail(stored.error());
  return {};
}

void LocalTableStates::finish_interrupted() {
  const auto lock = catalog_.lock_tables();
  const Timestamp now = clock_.now();
  for (const TablePtr& table : catalog_.all()) {
    remove_if_orphaned(*table);
    if (const auto next = next_transition(*table); next && *next > now) plan(*next);
  }
  end_due_states(now);
}

// The process ended after the table was made and before its job was recorded: nobody will ever fill it.
void LocalTableStates::remove_if_orphaned(const Table& table) {
  const auto& filler = table.filled_by;
  if (!filler || catalog_.find_document(filler->kind, filler->key)) return;
  log::warn("removing a table that nobody fills",
            {{"table", table.schema.name}, {"filled_by", filler->kind + " " + filler->key}});
  if (const auto removed = catalog_.remove_table(table.id); !removed) {
    log::error("a table that nobody fills stays until the next start",
               {{"table", table.schema.name}, {"error", removed.error().message}});
  }
}

void LocalTableStates::plan(Timestamp due) {
  const std::lock_guard lock(plans_mutex_);
  if (is_closing_ || plans_.contains(due)) return;
  plans_.emplace(due, schedule_.at(due, "table states", [this] { run_due(); }));
}

void LocalTableStates::run_due() {
  const auto lock = catalog_.lock_tables();
  const Timestamp now = clock_.now();
  {
    // Their work is done here. The schedule runs one task at a time, so of these only this one is running,
    // and to cancel it waits for nobody.
    const std::lock_guard plans_lock(plans_mutex_);
    plans_.erase(plans_.begin(), plans_.upper_bound(now));
  }
  end_due_states(now);
}

void LocalTableStates::end_due_states(Timestamp now) {
  for (const TablePtr& table : catalog_.all()) {
    const auto next = next_transition(*table);
    if (!next || *next > now) continue;
    if (const auto done = commit(*table, now); !done) {
      log::error("a table stays in its passing state, trying again",
                 {{"table", table->schema.name}, {"error", done.error().message}});
      plan(now.plus(kRetryInterval));
    }
  }
}

}  // namespace tidemark::storage
