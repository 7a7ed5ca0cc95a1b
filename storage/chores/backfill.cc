#include "storage/chores/backfill.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "model/key.h"

namespace tidemark::storage {
namespace {

constexpr int kNice = 5;
// So many items are locked at a time: whoever writes one of them waits for what is put.
constexpr ItemWalk::Limits kLockedAtOnce{.items = 64, .bytes = 1U << 20};

bool has_changed(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kConflict;
}

}  // namespace

Backfill::Backfill(const BackfillParts& parts, std::unique_ptr<BackfillKind> kind)
    : parts_(parts),
      kind_(std::move(kind)),
      worker_(std::string(kind_->traits().thread_name), kNice,
              [this](const std::stop_token& stop) { run(stop); }) {}

void Backfill::run(const std::stop_token& stop) {
  Result<void> done;
  for (const TablePtr& table : parts_.engine->catalog().all()) {
    if (stop.stop_requested()) return;
    if (!kind_->is_wanted(*table)) continue;
    auto filled = fill(*table, stop);
    if (done) done = std::move(filled);
  }
  const bool is_full = !done && done.error().code == ErrorCode::kNoSpace;
  if (!done && !is_failing_) {
    log::error(is_full ? kind_->traits().waits_for_space : kind_->traits().failed,
               {{"error", done.error().message}});
  }
  is_failing_ = !done;
  waits_for_space_ = is_full;
}

Result<void> Backfill::fill(const Table& table, const std::stop_token& stop) {
  for (const TableId source : kind_->sources(table)) {
    ASSIGN_OR_RETURN(const bool is_over, walk_through(source, stop));
    if (!is_over) return {};
  }
  return kind_->note_filled(table);
}

Result<bool> Backfill::walk_through(TableId source, const std::stop_token& stop) {
  ItemWalk walk(*parts_.store, source, kLockedAtOnce);
  while (!walk.is_over()) {
    if (stop.stop_requested()) return false;
    const TablePtr now = parts_.engine->catalog().find(source);
    if (!now || !kind_->is_source(*now)) break;
    auto filled = fill_some(now, &walk);
    // A table was changed, or went: the same items once more.
    if (!filled && !has_changed(filled.error())) return fail(std::move(filled).error());
  }
  return true;
}

Result<void> Backfill::fill_some(const TablePtr& source, ItemWalk* walk) {
  std::vector<ItemRef> items;
  RETURN_IF_ERROR(walk->step([&](const StoredView& stored) -> Result<void> {
    auto key = model::key_of(source->schema.keys, stored.text);
    if (!key) return fail(Error::corruption("a stored item has no key"));
    items.push_back({source, *std::move(key)});
    return {};
  }));
  if (!items.empty()) {
    const wal::Origin origin = kind_->traits().origin;
    const auto transaction = parts_.engine->begin(origin);
    RETURN_IF_ERROR(transaction->lock(items));
    ASSIGN_OR_RETURN(BackfillKind::Missing missing, kind_->missing(source, items, transaction.get()));
    Commit commit;
    commit.origin = origin;
    commit.writes = std::move(missing.writes);
    commit.replica_epoch = missing.replica_epoch;
    if (!commit.writes.empty()) RETURN_IF_ERROR(parts_.committer->commit(&commit));
  }
  walk->pass();
  return {};
}

}  // namespace tidemark::storage
