#include "storage/chores/expiry_indexer.h"

#include <utility>

#include "model/key.h"
#include "storage/commit/expiry_index.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

// One call looks at so much.
constexpr std::size_t kItemsMax = 1'000;
constexpr std::size_t kBytesMax = 4U << 20;
constexpr std::uint64_t kReadaheadBytes = 1U << 20;

// The entry of a stored item goes to `*writes`, if it is to have one.
Result<void> index_item(const Table& table, std::string_view record, std::vector<OwnedWrite>* writes) {
  ASSIGN_OR_RETURN(const StoredView stored, parse_stored(record));
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

Result<void> ExpiryIndexer::index_some(const Table& table, std::string* after) {
  KeyRange range = id_range(table.id);
  if (!after->empty()) range.begin = *after + '\0';
  Commit commit;
  commit.origin = wal::Origin::kBackfill;
  std::string last;
  {
    const auto items = store_.iterate(wal::Space::kState, std::move(range),
                                      {.fill_cache = false, .readahead_bytes = kReadaheadBytes});
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (items->seek_to_first(); items->valid(); items->next()) {
      if (count == kItemsMax || bytes >= kBytesMax) break;
      RETURN_IF_ERROR(index_item(table, items->value(), &commit.writes));
      ++count;
      bytes += items->value().size();
      last = items->key();
    }
    RETURN_IF_ERROR(items->status());
    if (!items->valid()) last.clear();
  }
  if (!commit.writes.empty()) RETURN_IF_ERROR(committer_.commit(&commit));
  *after = std::move(last);
  return {};
}

}  // namespace tidemark::storage
