#include "storage/chores/expiry_indexer.h"

#include <vector>

#include "model/key.h"
#include "storage/commit/expiry_index.h"

namespace tidemark::storage {
namespace {

// The entry of a stored item goes to `*writes`, if it is to have one.
Result<void> index_item(const Table& table, const StoredView& stored, std::vector<OwnedWrite>* writes) {
  const auto seconds = expires_at(*table.schema.ttl, stored.text);
  if (!seconds) return {};
  const auto key = model::key_of(table.schema.keys, stored.text);
  if (!key) return fail(Error::corruption("a stored item has no key"));
  OwnedWrite& write = writes->emplace_back(put_expiry(table, *key, *seconds));
  // Refused when the index is gone: nobody would ever remove the entry.
  write.table = &table;
  return {};
}

}  // namespace

Result<void> ExpiryIndexer::index_some(const Table& table, ItemWalk* walk) {
  Commit commit;
  commit.origin = wal::Origin::kBackfill;
  RETURN_IF_ERROR(
      walk->step([&](const StoredView& stored) { return index_item(table, stored, &commit.writes); }));
  if (!commit.writes.empty()) RETURN_IF_ERROR(committer_.commit(&commit));
  walk->pass();
  return {};
}

}  // namespace tidemark::storage
