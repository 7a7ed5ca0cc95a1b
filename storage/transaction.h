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
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/move_only_function.h"
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
  std::uint32_t write_units = 0;   // in whole KB, of all entries written and removed; 0 for a vector index
  std::uint32_t vector_bytes = 0;  // of a vector index: of all entries written and removed
};

struct WriteEffect {
  std::uint32_t old_size_bytes = 0;  // of what read() answered; 0: there was no item
  std::uint32_t new_size_bytes = 0;  // 0: deleted
  std::vector<IndexEffect> indexes;  // touched indexes only, by what is stored
};

// Who holds an item: writes that are independent of one another, or writes that succeed or fail together.
enum class LockHolder : std::uint8_t { kWrite, kTransaction };

// How long to wait for an item that somebody holds.
enum class Wait : std::uint8_t {
  kNever,
  kMoment,  // as long as a write of a small item takes, without going to sleep: for threads that others need
  kUntilFree,
};
struct Patience {
  Wait with_writes = Wait::kUntilFree;
  Wait with_transactions = Wait::kUntilFree;

  [[nodiscard]] Wait with(LockHolder holder) const {
    return holder == LockHolder::kWrite ? with_writes : with_transactions;
  }
};

// An item that was not to be had.
struct LockConflict {
  std::size_t position = 0;  // in the refs
  LockHolder holder = LockHolder::kWrite;
};

// Owns its locks until commit() or destruction; dropped without commit, it changes nothing.
// Used by one thread. Must not outlive the engine.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Locks the items for `holder`, in an order that cannot deadlock. Call once. The refs must be distinct
  // items. Returns nothing when all are locked. Otherwise none is, the transaction is of no more use, and the
  // answer names the first item that was not to be had and all others that a transaction holds, by position.
  [[nodiscard]] virtual std::vector<LockConflict> try_lock(std::vector<ItemRef> items, LockHolder holder,
                                                           const Patience& patience) = 0;

  // The same for writes that wait for as long as it takes. Errors: kUnavailable when the engine is closing.
  Result<void> lock(std::vector<ItemRef> items) {
    const auto conflicts = try_lock(std::move(items), LockHolder::kWrite, {});
    if (!conflicts.empty()) return fail(Error::unavailable("the items are not to be had"));
    return {};
  }

  // Whether a commit now may wait for the disk. Threads that must not wait begin nothing then.
  [[nodiscard]] virtual bool may_delay() const = 0;

  // The item of ref `position`, or nothing: the stored one, or for a client's write the one that the
  // replica's region shows (EngineOptions::replica_lag).
  virtual Result<std::optional<StoredItem>> read(std::size_t position) = 0;

  // Replaces or removes the item of ref `position`: at most one of the two per ref, after a read() of it. The
  // item's key attributes must be the ref's; its index key attributes, where present, of the declared types.
  // A put of text equal to the old one is still a commit (the write time changes), but touches no index.
  virtual WriteEffect put(std::size_t position, model::Item item) = 0;
  virtual WriteEffect remove(std::size_t position) = 0;

  // Leaves a receipt (receipts.h) when the transaction is committed, even if it changes no item.
  virtual void put_receipt(std::string_view key, std::string_view content) = 0;

  // The same with one that counts until Receipts::forget_kept(): for jobs, which know when they are over.
  virtual void keep_receipt(std::string_view key, std::string_view content) = 0;

  // All puts and removes at once: durable as the engine's options say, then visible to every reader together.
  // Returns the commit time. Errors: kNotFound when a table was deleted meanwhile; kIo, kNoSpace,
  // kUnavailable: nothing was applied.
  virtual Result<Timestamp> commit() = 0;

  // The same without waiting for the disk, where the engine syncs: `done` is called once, on any thread,
  // perhaps before this returns; the locks are let go by then. Until then the transaction must stay, and not
  // be used. Errors also: kConflict when a table changed since: nothing was applied, begin anew.
  virtual void commit_later(MoveOnlyFunction<void(Result<void>)> done) = 0;
};

}  // namespace tidemark::storage
