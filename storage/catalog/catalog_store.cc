#include "storage/catalog/catalog_store.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/bytes.h"
#include "storage/catalog/table_entry.h"
#include "storage/commit/receipt_store.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr char kNextIdKey[] = "n";
constexpr char kTablePrefix = 't';
constexpr char kDocumentPrefix = 'd';
constexpr char kRetiredKind[] = "retired";
constexpr char kDroppedKind[] = "dropped";
constexpr char kDroppedText[] = "{}";

std::string table_key(TableId id) {
  std::string key(1, kTablePrefix);
  append_u32_be(&key, number(id));
  return key;
}

std::string document_key(std::string_view kind, std::string_view key) {
  std::string out(1, kDocumentPrefix);
  out.append(kind).append(1, '\0').append(key);
  return out;
}

OwnedWrite catalog_put(std::string key, std::string value) {
  OwnedWrite write;
  write.space = wal::Space::kCatalog;
  write.key = std::move(key);
  write.value = std::move(value);
  return write;
}

OwnedWrite catalog_delete(std::string key) {
  OwnedWrite write = catalog_put(std::move(key), {});
  write.kind = wal::WriteKind::kDelete;
  return write;
}

OwnedWrite delete_all(wal::Space space, TableId id) {
  OwnedWrite write;
  write.kind = wal::WriteKind::kDeleteRange;
  write.space = space;
  KeyRange range = id_range(id);
  write.key = std::move(range.begin);
  write.value = std::move(range.end);
  return write;
}

// The indexes that clients see, and the order of times.
std::vector<TableId> ids_of_indexes(const model::TableSchema& schema) {
  std::vector<TableId> ids;
  ids.reserve(schema.indexes.size() + 1);
  for (const model::IndexSchema& index : schema.indexes) ids.push_back(index.id);
  if (schema.ttl) ids.push_back(schema.ttl->index);
  return ids;
}

// The key of the documents about a table or an index.
std::string id_text(TableId id) { return std::to_string(number(id)); }

Result<TableId> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Error::corruption("the catalog has an id that is none: " + std::string(text)));
  }
  return TableId{id};
}

// All entries of a table or an index, and the note that they are to be cleaned up.
void append_drop(wal::Space space, TableId id, std::vector<OwnedWrite>* writes) {
  writes->push_back(delete_all(space, id));
  writes->push_back(catalog_put(document_key(kDroppedKind, id_text(id)), kDroppedText));
}

// A deleted table as it is kept: without its window of recovery, for only what somebody holds can be read.
Table retired_form(const Table& table) {
  Table retired = table;
  retired.schema.pitr = {};
  retired.filled_by.reset();
  retired.replica.reset();
  return retired;
}

}  // namespace

std::size_t CatalogStore::NameHash::operator()(const NameView& name) const {
  const std::hash<std::string_view> hash;
  return (hash(std::get<0>(name)) * 31 + hash(std::get<1>(name))) * 31 + hash(std::get<2>(name));
}

Result<std::unique_ptr<CatalogStore>> CatalogStore::open(const RocksStore& store, Committer& committer) {
  std::unique_ptr<CatalogStore> catalog(new CatalogStore(committer));
  RETURN_IF_ERROR(catalog->load(store));
  return catalog;
}

Result<void> CatalogStore::load(const RocksStore& store) {
  for (const KeyRange& range :
       {KeyRange{{}, std::string(1, kReceiptPrefix)}, KeyRange{std::string(kReceiptsEnd), {}}}) {
    const auto iterator = store.iterate(wal::Space::kCatalog, range);
    for (iterator->seek_to_first(); iterator->valid(); iterator->next()) {
      RETURN_IF_ERROR(load_entry(iterator->key(), iterator->value()));
    }
    RETURN_IF_ERROR(iterator->status());
  }
  return {};
}

Result<void> CatalogStore::load_entry(std::string_view key, std::string_view value) {
  if (key == kNextIdKey && value.size() == kIdBytes) {
    next_id_ = read_u32_be(value.data());
    return {};
  }
  if (key.starts_with(kTablePrefix)) {
    if (key.size() != 1 + kIdBytes) return fail(Error::corruption("the catalog has an unknown entry"));
    ASSIGN_OR_RETURN(Table parsed, parse_table_entry(TableId{read_u32_be(key.data() + 1)}, value));
    auto table = std::make_shared<const Table>(std::move(parsed));
    show(table);
    committer_.set_table(std::move(table));
    return {};
  }
  const std::size_t zero = key.find('\0');
  if (!key.starts_with(kDocumentPrefix) || zero == std::string_view::npos) {
    return fail(Error::corruption("the catalog has an unknown entry"));
  }
  const std::string_view kind = key.substr(1, zero - 1);
  const std::string_view document = key.substr(zero + 1);
  if (kind == kRetiredKind) {
    ASSIGN_OR_RETURN(const TableId id, parse_id(document));
    ASSIGN_OR_RETURN(Table table, parse_table_entry(id, value));
    retired_.emplace(number(id), std::make_shared<const Table>(std::move(table)));
  }
  documents_[std::string(kind)].emplace(document, value);
  return {};
}

void CatalogStore::show(const TablePtr& table) {
  const auto& schema = table->schema;
  const NameView name{schema.account_id, schema.region, schema.name};
  // The old keys are views into the old table, so they must go first.
  by_name_.erase(name);
  sorted_.erase(name);
  tables_[number(table->id)] = table;
  by_name_.emplace(name, table);
  sorted_.emplace(name, table.get());
}

void CatalogStore::hide(const Table& table) {
  const NameView name{table.schema.account_id, table.schema.region, table.schema.name};
  by_name_.erase(name);
  sorted_.erase(name);
  tables_.erase(number(table.id));
}

TablePtr CatalogStore::find(const Owner& owner, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_name_.find(NameView{owner.account_id, owner.region, name});
  return found == by_name_.end() ? nullptr : found->second;
}

TablePtr CatalogStore::find(TableId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = tables_.find(number(id));
  return found == tables_.end() ? nullptr : found->second;
}

std::vector<std::string> CatalogStore::list(const Owner& owner, std::string_view after,
                                            std::size_t count) const {
  std::vector<std::string> names;
  const std::shared_lock lock(mutex_);
  auto at = after.empty() ? sorted_.lower_bound(NameView{owner.account_id, owner.region, {}})
                          : sorted_.upper_bound(NameView{owner.account_id, owner.region, after});
  for (; at != sorted_.end() && names.size() < count; ++at) {
    const auto& schema = at->second->schema;
    if (schema.account_id != owner.account_id || schema.region != owner.region) break;
    names.push_back(schema.name);
  }
  return names;
}

TablePtr CatalogStore::find_retired(TableId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = retired_.find(number(id));
  return found == retired_.end() ? nullptr : found->second;
}

std::vector<TablePtr> CatalogStore::retired() const {
  std::vector<TablePtr> tables;
  const std::shared_lock lock(mutex_);
  tables.reserve(retired_.size());
  for (const auto& [id, table] : retired_) tables.push_back(table);
  return tables;
}

std::vector<TablePtr> CatalogStore::all() const {
  std::vector<TablePtr> tables;
  const std::shared_lock lock(mutex_);
  tables.reserve(tables_.size());
  for (const auto& [id, table] : tables_) tables.push_back(table);
  return tables;
}

OwnedWrite CatalogStore::next_id_write() const {
  std::string value;
  append_u32_be(&value, next_id_);
  return catalog_put(kNextIdKey, std::move(value));
}

Result<void> CatalogStore::commit_tables(TablesChange change) {
  const std::lock_guard documents_lock(documents_mutex_);
  Commit commit;
  commit.origin = wal::Origin::kSystem;
  commit.writes = std::move(change.writes);
  for (const TablePtr& table : change.stored) {
    commit.writes.push_back(catalog_put(table_key(table->id), table_entry(*table)));
  }
  for (const Document& document : change.documents) {
    commit.writes.push_back(catalog_put(document_key(document.kind, document.key), document.json));
  }
  commit.applied = [this, &change](Timestamp) {
    const std::unique_lock lock(mutex_);
    for (const Document& document : change.documents) {
      documents_[document.kind].insert_or_assign(document.key, document.json);
    }
    for (const TablePtr& table : change.stored) show(table);
    for (const TablePtr& table : change.removed) hide(*table);
    for (const TablePtr& table : change.retired) show_retired(id_text(table->id), table_entry(*table), table);
    show_dropped(change.dropped);
    for (const TablePtr& table : change.stored) committer_.set_table(table);
    for (const TablePtr& table : change.removed) committer_.forget_table(table->id);
  };
  RETURN_IF_ERROR(committer_.commit(&commit));
  return {};
}

bool CatalogStore::open_window(const TablePtr& before, Table* table) {
  if (!before || !table->schema.pitr.enabled || before->schema.pitr.enabled) return false;
  const Timestamp last = show_history_held(*before, true).last_commit;
  table->schema.pitr.enabled_at = std::max(table->schema.pitr.enabled_at, last.plus_micros(1));
  return true;
}

Result<TablePtr> CatalogStore::put_table(Table table, const std::optional<Document>& document) {
  std::vector<TablePut> puts;
  puts.push_back({.table = std::move(table), .document = document});
  ASSIGN_OR_RETURN(std::vector<TablePtr> tables, put_tables(std::move(puts)));
  return std::move(tables.front());
}

Result<std::vector<TablePtr>> CatalogStore::change_tables(std::vector<TablePut>&& puts,
                                                          const std::vector<TableRemoval>& removals) {
  TablesChange change;
  std::vector<TablePtr> with_new_window;  // as they were
  for (const auto& [id, hold] : removals) {
    const TablePtr table = find(id);
    if (!table) return fail(Error::not_found("the table is gone"));
    append_removal(table, hold, &change);
  }
  if (!puts.empty()) change.writes.push_back(next_id_write());
  for (auto& [table, document] : puts) {
    const TablePtr before = find(table.id);
    if (before) {
      const std::vector<TableId> kept = ids_of_indexes(table.schema);
      for (const TableId index : ids_of_indexes(before->schema)) {
        if (std::ranges::find(kept, index) != kept.end()) continue;
        append_drop(wal::Space::kIndex, index, &change.writes);
        change.dropped.push_back(index);
      }
    }
    if (open_window(before, &table)) with_new_window.push_back(before);
    if (document) change.documents.push_back(*std::move(document));
    change.stored.push_back(std::make_shared<const Table>(std::move(table)));
  }
  std::vector<TablePtr> tables = change.stored;
  if (auto committed = commit_tables(std::move(change)); !committed) {
    for (const TablePtr& before : with_new_window) show_history_held(*before, before->history_held);
    return fail(std::move(committed).error());
  }
  return tables;
}

void CatalogStore::append_removal(const TablePtr& table, const std::optional<Document>& hold,
                                  TablesChange* change) {
  change->removed.push_back(table);
  change->writes.push_back(catalog_delete(table_key(table->id)));
  if (hold || table->history_held) {
    const auto retired = std::make_shared<const Table>(retired_form(*table));
    change->writes.push_back(
        catalog_put(document_key(kRetiredKind, id_text(table->id)), table_entry(*retired)));
    if (hold) change->documents.push_back(*hold);
    change->retired.push_back(retired);
  } else {
    append_drop(wal::Space::kState, table->id, &change->writes);
    change->dropped.push_back(table->id);
  }
  for (const TableId index : ids_of_indexes(table->schema)) {
    append_drop(wal::Space::kIndex, index, &change->writes);
    change->dropped.push_back(index);
  }
}

Result<void> CatalogStore::remove_table(TableId id) {
  RETURN_IF_ERROR(change_tables({}, {{.id = id, .hold = {}}}));
  return {};
}

Result<CatalogStore::HistoryStart> CatalogStore::hold_history(TableId id, bool held) {
  const auto lock = lock_tables();
  if (const TablePtr table = find(id)) return show_history_held(*table, held);
  if (!find_retired(id)) return fail(Error::not_found("the table is gone"));
  HistoryStart start{.last_commit = {}, .was_kept = true};
  committer_.with_gate([&start](CommitPoint* last) { start.last_commit = last->time; });
  return start;
}

CatalogStore::HistoryStart CatalogStore::show_history_held(const Table& table, bool held) {
  Table changed = table;
  changed.history_held = held;
  HistoryStart start{.last_commit = {}, .was_kept = keeps_history(table)};
  committer_.with_gate([&](CommitPoint* last) {
    const std::unique_lock lock(mutex_);
    const auto shared = std::make_shared<const Table>(std::move(changed));
    show(shared);
    committer_.set_table(shared);
    start.last_commit = last->time;
  });
  return start;
}

void CatalogStore::show_retired(std::string key, std::string entry, TablePtr table) {
  retired_.insert_or_assign(number(table->id), std::move(table));
  documents_[kRetiredKind].insert_or_assign(std::move(key), std::move(entry));
}

Result<void> CatalogStore::drop_retired(TableId id) {
  const std::lock_guard lock(documents_mutex_);
  if (!find_retired(id)) return {};
  Commit commit;
  commit.origin = wal::Origin::kSystem;
  commit.writes.push_back(catalog_delete(document_key(kRetiredKind, id_text(id))));
  append_drop(wal::Space::kState, id, &commit.writes);
  commit.applied = [this, id](Timestamp) {
    const std::unique_lock names(mutex_);
    retired_.erase(number(id));
    documents_[kRetiredKind].erase(id_text(id));
    show_dropped({id});
  };
  RETURN_IF_ERROR(committer_.commit(&commit));
  return {};
}

void CatalogStore::show_dropped(const std::vector<TableId>& ids) {
  for (const TableId id : ids) documents_[kDroppedKind].insert_or_assign(id_text(id), kDroppedText);
}

std::vector<TableId> CatalogStore::dropped() const {
  std::vector<TableId> ids;
  for (const auto& [key, text] : list_documents(kDroppedKind)) {
    if (const auto id = parse_id(key)) ids.push_back(*id);
  }
  return ids;
}

Result<void> CatalogStore::forget_dropped(TableId id) { return remove_document(kDroppedKind, id_text(id)); }

Result<void> CatalogStore::put_document(std::string_view kind, std::string_view key, std::string json) {
  const std::lock_guard lock(documents_mutex_);
  Commit commit;
  commit.origin = wal::Origin::kSystem;
  commit.writes.push_back(catalog_put(document_key(kind, key), std::move(json)));
  commit.applied = [this, &commit, kind, key](Timestamp) {
    const std::unique_lock documents(mutex_);
    documents_[std::string(kind)].insert_or_assign(std::string(key), commit.writes[0].value);
  };
  RETURN_IF_ERROR(committer_.commit(&commit));
  return {};
}

Result<void> CatalogStore::remove_document(std::string_view kind, std::string_view key) {
  const std::lock_guard lock(documents_mutex_);
  if (!find_document(kind, key)) return {};
  Commit commit;
  commit.origin = wal::Origin::kSystem;
  commit.writes.push_back(catalog_delete(document_key(kind, key)));
  commit.applied = [this, kind, key](Timestamp) {
    const std::unique_lock documents(mutex_);
    auto& of_kind = documents_[std::string(kind)];
    of_kind.erase(of_kind.find(key));
  };
  RETURN_IF_ERROR(committer_.commit(&commit));
  return {};
}

std::optional<std::string> CatalogStore::find_document(std::string_view kind, std::string_view key) const {
  const std::shared_lock lock(mutex_);
  const auto of_kind = documents_.find(kind);
  if (of_kind == documents_.end()) return std::nullopt;
  const auto found = of_kind->second.find(key);
  if (found == of_kind->second.end()) return std::nullopt;
  return found->second;
}

std::vector<std::pair<std::string, std::string>> CatalogStore::list_documents(std::string_view kind) const {
  const std::shared_lock lock(mutex_);
  const auto of_kind = documents_.find(kind);
  if (of_kind == documents_.end()) return {};
  return {of_kind->second.begin(), of_kind->second.end()};
}

}  // namespace tidemark::storage
