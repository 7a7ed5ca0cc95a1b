#include "storage/catalog/local_table_states.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "storage/catalog/transitions.h"

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
  Table table;
  table.id = catalog_.new_id();
  table.schema = std::move(schema);
  for (model::IndexSchema& index : table.schema.indexes) index.id = catalog_.new_id();
  table.partitions = new_partitions(table.schema);
  table.filled_by = std::move(filled_by);
  const Timestamp now = clock_.now();
  begin_creation(now, times_, &table);
  return commit(std::move(table), now);
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
  return TableChange(std::move(lock), std::move(table));
}

Table LocalTableStates::edited(const TableChange& change) {
  Table table = *change.table();
  take_settings(change.settings(), &table);
  for (model::IndexSchema& index : table.schema.indexes) {
    if (index.id == TableId{}) index.id = catalog_.new_id();
  }
  return table;
}

Result<TablePtr> LocalTableStates::begin_update(TableChange change, const IndexChanges& indexes) {
  auto updated = update(std::move(change), indexes);
  streams_.hold_logs();
  return updated;
}

Result<TablePtr> LocalTableStates::update(TableChange change, const IndexChanges& indexes) {
  Table table = edited(change);
  const Timestamp now = clock_.now();
  storage::begin_update(indexes, now, times_, &table);
  return commit(std::move(table), now);
}

Result<TablePtr> LocalTableStates::begin_delete(TableChange change) {
  Table table = *change.table();
  const Timestamp now = clock_.now();
  begin_deletion(now, times_, &table);
  return commit(std::move(table), now);
}

Result<TablePtr> LocalTableStates::save(TableChange change) { return catalog_.put_table(edited(change)); }

Result<TablePtr> LocalTableStates::enable_ttl(TableChange change, std::string attribute) {
  Table table = *change.table();
  INVARIANT(!table.schema.ttl);
  model::TtlSettings ttl;
  ttl.attribute = std::move(attribute);
  ttl.index = catalog_.new_id();
  const Timestamp now = clock_.now();
  begin_enabling_ttl(std::move(ttl), now, times_, &table);
  return commit(std::move(table), now);
}

Result<TablePtr> LocalTableStates::disable_ttl(TableChange change) {
  Table table = *change.table();
  INVARIANT(table.schema.ttl);
  const Timestamp now = clock_.now();
  begin_disabling_ttl(now, times_, &table);
  return commit(std::move(table), now);
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

// One commit, whether or not the passing state is ever stored: there is nothing in between for a crash to
// leave.
Result<TablePtr> LocalTableStates::commit(Table passing, Timestamp now) {
  const TablePtr before = catalog_.find(passing.id);
  const bool had_stream = before && has_stream(*before);
  std::optional<Document> new_stream;
  if (has_stream(passing) && !had_stream) {
    ASSIGN_OR_RETURN(new_stream, streams_.begin(&passing));
  }
  Table stored = passing;
  const bool stays = make_transitions(now, &stored);
  const bool keeps_stream = stays && has_stream(stored);
  if (stays) {
    const auto next = next_transition(stored);
    const bool has_new_index = std::ranges::any_of(stored.schema.indexes, &model::IndexSchema::backfilling);
    RETURN_IF_ERROR(catalog_.put_table(std::move(stored), new_stream));
    if (has_new_index && new_index_hook_) new_index_hook_();
    if (next) plan(*next);
  } else {
    RETURN_IF_ERROR(remove(stored));
  }
  if (had_stream && !keeps_stream) streams_.note_ends();
  return std::make_shared<const Table>(std::move(passing));
}

Result<void> LocalTableStates::remove(const Table& table) {
  if (!table.schema.pitr.enabled) return catalog_.remove_table(table.id);
  auto removed = catalog_.remove_table(table.id, retention_.hold_last_state(table.id));
  if (!removed) {
    retention_.forget_last_state(table.id);
  } else if (retired_hook_) {
    retired_hook_(table.id);
  }
  return removed;
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
