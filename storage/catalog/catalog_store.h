// The catalog: held in memory, kept in the catalog column family, changed through the committer.
//
// Layout of the column family (ON DISK):
//   "n"                    -> next id:u32be; ids are handed out once
//   "t" table_id:u32be     -> the table: see table_entry.h
//   "d" kind 0x00 key      -> the document
//   "r" ...                -> receipts, which are not in memory: see storage/commit/receipt_store.h
//
// A document ("dropped", id), the id in decimal digits, says that a table or index was dropped whose files
// may still be there. A document ("retired", id) is the entry of a table that was deleted while somebody held
// its history: its items are still there, its indexes are not. A document ("discard", account), or
// ("discard", "all"), is {"count":1}: how often the tables of that account, or of all, were discarded.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/catalog.h"
#include "storage/commit/committer.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

class CatalogStore final : public Catalog {
 public:
  // Reads what is stored and makes the tables known to the committer. Both must outlive the catalog.
  // Errors: kCorruption, kIo.
  static Result<std::unique_ptr<CatalogStore>> open(const RocksStore& store, Committer& committer);

  [[nodiscard]] TablePtr find(const Owner& owner, std::string_view name) const override;
  [[nodiscard]] TablePtr find(TableId id) const override;
  [[nodiscard]] std::vector<std::string> list(const Owner& owner, std::string_view after,
                                              std::size_t count) const override;
  [[nodiscard]] std::vector<TablePtr> all() const override;
  [[nodiscard]] TablePtr find_retired(TableId id) const override;
  [[nodiscard]] std::vector<TablePtr> retired() const override;

  Result<void> put_document(std::string_view kind, std::string_view key, std::string json) override;
  Result<void> remove_document(std::string_view kind, std::string_view key) override;
  [[nodiscard]] std::optional<std::string> find_document(std::string_view kind,
                                                         std::string_view key) const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> list_documents(
      std::string_view kind) const override;

  struct HistoryStart {
    Timestamp last_commit;  // later ones are recorded
    bool was_kept = false;  // so were earlier ones
  };
  // From the last commit on, changes of the table are recorded for whoever holds its history
  // (Table::history_held), or no longer for them. Not durable. Waits for whoever holds a table still. Of a
  // retired table, to which nothing happens any more, everything is recorded. Errors: kNotFound.
  Result<HistoryStart> hold_history(TableId id, bool held);

  // The rest changes tables, for LocalTableStates: hold this lock throughout.
  [[nodiscard]] std::unique_lock<std::mutex> lock_tables() { return std::unique_lock(tables_mutex_); }
  // An id that was never given.
  TableId new_id() { return TableId{next_id_++}; }
  // Adds the table, or replaces what has its id: the entries of indexes that it has no longer go. While it
  // turns recovery on, the start of its window may be moved up to the last commit. A document that is given
  // is stored in the same commit.
  Result<TablePtr> put_table(Table table, const std::optional<Document>& document = {});
  // Several tables in one commit, each as put_table() does it. Answers with them in the same order.
  struct TablePut {
    Table table;
    std::optional<Document> document;
  };
  Result<std::vector<TablePtr>> put_tables(std::vector<TablePut> puts) {
    return change_tables(std::move(puts), {});
  }
  // A table with its index entries and its items, which stay when somebody holds its history: it is retired
  // then. So it is with a document of a hold, which is stored in the same commit.
  struct TableRemoval {
    TableId id;
    std::optional<Document> hold;
  };
  // Errors: kNotFound.
  Result<void> remove_table(TableId id);
  // Both in one commit. Answers with the tables that were put. Errors: kNotFound, of tables to be removed.
  Result<std::vector<TablePtr>> change_tables(std::vector<TablePut>&& puts,
                                              const std::vector<TableRemoval>& removals);
  // The items of a retired table go. Needs no lock.
  Result<void> drop_retired(TableId id);

  // The tables and indexes whose entries were deleted, but whose space was not given back yet.
  [[nodiscard]] std::vector<TableId> dropped() const;
  Result<void> forget_dropped(TableId id);

 private:
  // Account, region, name.
  using NameView = std::tuple<std::string_view, std::string_view, std::string_view>;
  using Documents = std::map<std::string, std::string, std::less<>>;
  struct NameHash {
    std::size_t operator()(const NameView& name) const;
  };

  explicit CatalogStore(Committer& committer) : committer_(committer) {}
  Result<void> load(const RocksStore& store);
  Result<void> load_entry(std::string_view key, std::string_view value);
  void show(const TablePtr& table);  // these two need mutex_
  void hide(const Table& table);
  void show_retired(std::string key, std::string entry, TablePtr table);  // needs mutex_
  HistoryStart show_history_held(const Table& table, bool held);          // needs tables_mutex_
  // What a commit changes.
  struct TablesChange {
    std::vector<TablePtr> stored;
    std::vector<TablePtr> removed;
    std::vector<TablePtr> retired;  // the form in which some of those are kept
    std::vector<Document> documents;
    std::vector<TableId> dropped;  // tables and indexes whose entries go
    std::vector<OwnedWrite> writes;
  };
  static void append_removal(const TablePtr& table, const std::optional<Document>& hold,
                             TablesChange* change);
  Result<void> commit_tables(TablesChange change);
  // Old images of a table that turns recovery on are logged before its window opens, so that it has no hole.
  // Answers whether it does.
  bool open_window(const TablePtr& before, Table* table);
  void show_dropped(const std::vector<TableId>& ids);  // needs mutex_
  [[nodiscard]] OwnedWrite next_id_write() const;

  Committer& committer_;
  // Each held during a change of its kind; before the commit lock and mutex_. Whoever holds a table still may
  // change documents.
  std::mutex tables_mutex_;
  std::mutex documents_mutex_;
  std::uint32_t next_id_ = 1;  // guarded by tables_mutex_

  mutable std::shared_mutex mutex_;
  std::unordered_map<std::uint32_t, TablePtr> tables_;  // guarded by mutex_, as are the next four
  std::map<std::uint32_t, TablePtr> retired_;
  // The keys are views into the tables.
  std::unordered_map<NameView, TablePtr, NameHash> by_name_;
  std::map<NameView, const Table*> sorted_;
  std::map<std::string, Documents, std::less<>> documents_;
};

}  // namespace tidemark::storage
