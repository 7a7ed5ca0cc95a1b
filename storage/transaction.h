// A write: lock keys, read the old items, put or delete, commit. One key or a hundred, the path is the same.
//
//   const auto transaction = engine.begin();
//   RETURN_IF_ERROR(transaction->lock({{table, key}}));
//   ASSIGN_OR_RETURN(auto old_item, transaction->read(0));
//   transaction->put(0, std::move(new_item));
//   RETURN_IF_ERROR(transaction->commit());
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/item.h"
#include "model/key.h"
#include "storage/query.h"
#include "storage/table.h"

namespace tidemark::storage {

struct ItemRef {
  TablePtr table;
  model::Key key;
};

// What a put or delete does to one index, for ConsumedCapacity.
// Source: DynamoDB developer guide, "Write capacity units for global secondary indexes".
struct IndexEffect {
  TableId index{};
  std::uint32_t write_units = 0;  // in whole KB, of all entries written and removed
};

struct WriteEffect {
  std::uint32_t old_size_bytes = 0;  // 0: there was no item
  std::uint32_t new_size_bytes = 0;  // 0: deleted
  std::vector<IndexEffect> indexes;  // touched indexes only
};

// Owns its locks until commit() or destruction; dropped without commit, it changes nothing.
// Used by one thread. Must not outlive the engine.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Locks the items, in an order that cannot deadlock. Call once. The refs must be distinct items.
  // Errors: kUnavailable when the engine is closing.
  virtual Result<void> lock(std::vector<ItemRef> items) = 0;

  // The same for threads that must not wait: false when others hold the items and do not let go at once, or
  // when a commit would wait for the disk.
  // Nothing is locked then, and the transaction is of no more use.
  virtual Result<bool> lock_soon(std::vector<ItemRef> items) = 0;

  // The stored item of ref `position`, or nothing.
  virtual Result<std::optional<StoredItem>> read(std::size_t position) = 0;

  // Replaces or removes the item of ref `position`: at most one of the two per ref, after a read() of it. The
  // item's key attributes must be the ref's; its index key attributes, where present, of the declared types.
  // A put of text equal to the old one is still a commit (the write time changes), but touches no index.
  virtual WriteEffect put(std::size_t position, model::Item item) = 0;
  virtual WriteEffect remove(std::size_t position) = 0;

  // All puts and removes at once: durable as the engine's options say, then visible to every reader together.
  // Returns the commit time. Errors: kNotFound when a table was deleted meanwhile; kIo, kNoSpace,
  // kUnavailable: nothing was applied.
  virtual Result<Timestamp> commit() = 0;
};

}  // namespace tidemark::storage
