#include "storage/chores/ttl_sweeper.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "model/key.h"
#include "storage/chores/expiry_indexer.h"
#include "storage/commit/expiry_index.h"
#include "storage/store/item_codec.h"

namespace tidemark::storage {
namespace {

constexpr std::chrono::seconds kInterval{1};
// Requests go first.
constexpr int kNice = 5;
// Items of one commit: who wants one of them meanwhile waits for it.
constexpr std::size_t kBatchItems = 25;
// Items that are put into an expiry index with one commit.
constexpr ItemWalk::Limits kIndexedAtOnce{.items = 1'000, .bytes = 4U << 20};
// Times that were over long ago are taken for mistakes.
// Source: DynamoDB developer guide, "Using time to live (TTL)": five years.
constexpr std::int64_t kOldestSeconds = std::int64_t{5} * 365 * 24 * 3'600;
// Where the item begins in an expiry key.
constexpr std::size_t kExpiryPrefixBytes = 12;

std::int64_t seconds_of(Timestamp time) { return time.micros / 1'000'000; }

// Items of a replica that is being made expire in those that it is filled from: a deletion is told as one of
// the time to live in the stream of the replica that it begins in alone, and this one's stream tells nothing
// yet.
bool is_being_filled(const Table& table) {
  return is_filling(table) && table.schema.status == model::TableStatus::kCreating;
}

// A table that was dropped meanwhile has nothing left to do.
Result<void> unless_gone(Result<void> done) {
  if (!done && done.error().code == ErrorCode::kNotFound) return {};
  return done;
}

}  // namespace

TtlSweeper::TtlSweeper(const Parts& parts, Schedule& schedule)
    : parts_(parts),
      worker_("ttl", kNice, [this](const std::stop_token& stop) { run(stop); }),
      due_(schedule.every(kInterval, "time to live", [this] { worker_.wake(); },
                          {.settled = [this](const auto& stop) { worker_.drain(stop); },
                           .is_aligned = true,
                           .next_due = [this] { return next_due(); }})) {}

void TtlSweeper::run(const std::stop_token& stop) {
  auto done = sweep_all(stop);
  for (const TablePtr& table : tables()) {
    if (table->schema.ttl->is_indexed) continue;
    auto indexed = index_items(*table, stop);
    if (done) done = std::move(indexed);
  }
  if (stop.stop_requested()) return;
  // Once per failure, not every time it is tried again.
  if (!done && !is_failing_) {
    log::error("expired items stay for now, trying again", {{"error", done.error().message}});
  }
  is_failing_ = !done;
}

std::optional<Timestamp> TtlSweeper::next_due() const {
  if (is_failing_) return std::nullopt;
  std::int64_t first = ExpiryWatch::kNever;
  for (const TablePtr& table : tables()) {
    if (!table->schema.ttl->is_indexed) return Timestamp{};
    if (current(*table)) first = std::min(first, parts_.watch->earliest(expiry_index(*table)));
  }
  if (first == ExpiryWatch::kNever) return std::nullopt;
  return Timestamp::from_seconds(std::max<std::int64_t>(first, 0)).plus(parts_.lag);
}

std::vector<TablePtr> TtlSweeper::tables() const {
  std::vector<TablePtr> tables = parts_.engine->catalog().all();
  std::erase_if(tables, [](const TablePtr& table) { return !table->schema.ttl; });
  return tables;
}

TablePtr TtlSweeper::current(const Table& table) const {
  TablePtr now = parts_.engine->catalog().find(table.id);
  const bool is_on = now && expiry_index(*now) == expiry_index(table) &&
                     now->schema.ttl->status == model::TtlStatus::kEnabled &&
                     now->schema.status != model::TableStatus::kDeleting && !is_being_filled(*now);
  return is_on ? now : nullptr;
}

// A jump of the clock over very many moments does not stop at each of them. What would have been deleted on
// the way is not too old because of that: its age is judged as of the last run.
Result<void> TtlSweeper::sweep_all(const std::stop_token& stop) {
  const Timestamp now = parts_.clock->forgetting_time();
  const std::int64_t last_sweep = std::min(last_sweep_.value_or(seconds_of(now)), seconds_of(now));
  const Span span{.first = last_sweep - kOldestSeconds,
                  .last = seconds_of(now.plus_micros(-parts_.lag.count()))};
  Result<void> done;
  std::set<TableId> indexes;
  for (const TablePtr& table : tables()) {
    indexes.insert(expiry_index(*table));
    if (parts_.watch->earliest(expiry_index(*table)) > span.last) continue;
    if (!current(*table)) continue;
    auto swept = unless_gone(sweep(*table, span, stop));
    if (done) done = std::move(swept);
  }
  parts_.watch->keep_only(indexes);
  if (done) last_sweep_ = seconds_of(now);
  return done;
}

Result<void> TtlSweeper::sweep(const Table& table, Span span, const std::stop_token& stop) {
  const TableId index = expiry_index(table);
  span.first = std::max(span.first, parts_.watch->take(index));
  auto done = sweep_span(table, span, stop);
  if (!done || stop.stop_requested()) parts_.watch->note(index, span.first);
  return done;
}

Result<void> TtlSweeper::sweep_span(const Table& table, const Span& span, const std::stop_token& stop) {
  std::string after;
  while (!stop.stop_requested()) {
    const TablePtr now = current(table);
    if (!now) return {};
    ASSIGN_OR_RETURN(const std::vector<Due> batch, next_batch(*now, span, after));
    if (batch.empty()) return note_first_after(expiry_index(*now), span.last);
    after = batch.back().entry;
    RETURN_IF_ERROR(delete_items(now, batch));
  }
  return {};
}

Result<std::vector<TtlSweeper::Due>> TtlSweeper::next_batch(const Table& table, const Span& span,
                                                            const std::string& after) const {
  KeyRange range = expiry_range(expiry_index(table), span.first, span.last);
  if (!after.empty()) range.begin = after + '\0';
  std::vector<Due> batch;
  std::set<std::string, std::less<>> items;
  const auto entries = parts_.store->iterate(wal::Space::kIndex, std::move(range), {.fill_cache = false});
  for (entries->seek_to_first(); entries->valid() && batch.size() < kBatchItems; entries->next()) {
    // A transaction takes an item once.
    if (!items.emplace(entries->key().substr(kExpiryPrefixBytes)).second) break;
    ASSIGN_OR_RETURN(const StoredView stored, parse_stored(entries->value()));
    auto key = model::key_of(table.schema.keys, stored.text);
    if (!key) return fail(Error::corruption("an entry of an expiry index has no key"));
    batch.push_back({.entry = std::string(entries->key()),
                     .expires_at = expiry_of_key(entries->key()),
                     .key = *std::move(key)});
  }
  RETURN_IF_ERROR(entries->status());
  return batch;
}

Result<void> TtlSweeper::delete_items(const TablePtr& table, const std::vector<Due>& batch) {
  const auto transaction = parts_.engine->begin(wal::Origin::kTtl);
  std::vector<ItemRef> items;
  items.reserve(batch.size());
  for (const Due& due : batch) items.push_back({table, due.key});
  RETURN_IF_ERROR(transaction->lock(std::move(items)));
  std::vector<std::string> outdated;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    ASSIGN_OR_RETURN(const auto item, transaction->read(i));
    if (item && expires_at(*table->schema.ttl, item->text()) == batch[i].expires_at) {
      transaction->remove(i);
    } else {
      outdated.push_back(batch[i].entry);
    }
  }
  // Before the locks go: nobody can give an item its old time back meanwhile.
  RETURN_IF_ERROR(forget(std::move(outdated)));
  RETURN_IF_ERROR(transaction->commit());
  return {};
}

Result<void> TtlSweeper::forget(std::vector<std::string> entries) {
  if (entries.empty()) return {};
  Commit commit;
  commit.origin = wal::Origin::kTtl;
  for (std::string& entry : entries) commit.writes.push_back(delete_expiry(std::move(entry)));
  RETURN_IF_ERROR(parts_.committer->commit(&commit));
  return {};
}

Result<void> TtlSweeper::note_first_after(TableId index, std::int64_t last) {
  const auto entries = parts_.store->iterate(
      wal::Space::kIndex, expiry_range(index, last + 1, seconds_of(kLatestTime)), {.fill_cache = false});
  entries->seek_to_first();
  if (entries->valid()) parts_.watch->note(index, expiry_of_key(entries->key()));
  return entries->status();
}

// What is due meanwhile is deleted as always, in all tables.
Result<void> TtlSweeper::index_items(const Table& table, const std::stop_token& stop) {
  ExpiryIndexer indexer(*parts_.committer);
  ItemWalk walk(*parts_.store, table.id, kIndexedAtOnce);
  while (!walk.is_over()) {
    const TablePtr now = parts_.engine->catalog().find(table.id);
    if (!now || expiry_index(*now) != expiry_index(table)) return {};
    const auto indexed = indexer.index_some(*now, &walk);
    // The table was changed: once more.
    const bool has_changed = !indexed && indexed.error().code == ErrorCode::kConflict;
    if (!indexed && !has_changed) return unless_gone(indexed);
    RETURN_IF_ERROR(sweep_all(stop));
    if (stop.stop_requested()) return {};
  }
  return unless_gone(parts_.engine->table_states().ttl_indexed(table.id, expiry_index(table)));
}

}  // namespace tidemark::storage
