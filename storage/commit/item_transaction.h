// Transactions over item locks, RocksDB and the committer.
//
// An item of a replica is locked under the id of the group, so that whoever holds one copy holds all of them,
// and a write of it writes all copies. Who the replicas are is looked up when the write is prepared; when it
// has changed by the time of the commit, the committer sends the transaction back.
//
// Where replication lags, a client's write goes by the item that its region shows (late_copies.h); what is
// written goes by the copies as they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/commit/committer.h"
#include "storage/commit/item_locks.h"
#include "storage/commit/late_copies.h"
#include "storage/store/rocks.h"
#include "storage/transaction.h"

namespace tidemark::storage {

class ItemTransaction final : public Transaction {
 public:
  // All must outlive the transaction.
  ItemTransaction(const RocksStore& store, Committer& committer, ItemLocks& locks, LateCopies& late_copies,
                  const Clock& clock, wal::Origin origin)
      : store_(store), committer_(committer), locks_(locks), late_copies_(late_copies), clock_(clock) {
    commit_.origin = origin;
  }
  ~ItemTransaction() override { unlock(); }
  ItemTransaction(const ItemTransaction&) = delete;
  ItemTransaction& operator=(const ItemTransaction&) = delete;

  [[nodiscard]] std::vector<LockConflict> try_lock(std::vector<ItemRef> items, LockHolder holder,
                                                   const Patience& patience) override;
  [[nodiscard]] bool may_delay() const override { return committer_.may_delay(); }
  Result<std::optional<StoredItem>> read(std::size_t position) override;
  WriteEffect put(std::size_t position, model::Item item) override;
  WriteEffect remove(std::size_t position) override;
  void put_receipt(std::string_view key, std::string_view content) override;
  void keep_receipt(std::string_view key, std::string_view content) override;
  Result<Timestamp> commit() override;
  void commit_later(MoveOnlyFunction<void(Result<void>)> done) override;

 private:
  struct Slot {
    ItemRef ref;
    std::string key;         // encoded
    std::string shared_key;  // of a replica: under which all copies are locked; else empty
    ItemLock lock;
    bool is_locked = false;
    bool was_read = false;
    std::optional<std::uint32_t> old_size;
    std::optional<std::uint32_t> shown_size;  // of what read() answered: another one where a copy is late
    bool is_seen_to_be_gone = false;          // removed, and was gone already, unseen
    // The old item, only where indexes or history need it.
    std::optional<StoredItem> old_item;
    std::optional<std::size_t> write;  // position of its state write in commit_.writes
    std::vector<TablePtr> peers;       // whose copies are written with it

    [[nodiscard]] std::string_view lock_key() const { return shared_key.empty() ? key : shared_key; }
  };

  // Appends the writes of one slot, and those of its copies; `new_item` absent: a removal.
  void prepare(Slot* slot, const std::optional<model::Item>& new_item, bool keep_old_value,
               std::vector<IndexEffect>* effects);
  void prepare_peers(Slot* slot, const std::optional<model::Item>& new_item);
  // The stored item that the slot's region shows, when it is another one than the slot's; empty: it shows
  // none.
  [[nodiscard]] std::optional<std::string> shown_instead(const Slot& slot);
  // Note for the late copies: the region's own write; what the writes from `first` on replace in a copy that
  // goes on showing it.
  void note_own(const Slot& slot);
  void note_gone(const Slot& slot);
  void note_replaced(const std::string& state_key, std::size_t first);
  void note(CopyChange change);
  [[nodiscard]] bool has_index_entry(std::string_view key);
  // Prepares all writes again, by the tables as they are now.
  Result<void> prepare_again();
  // The positions of all slots, in the order of their keys.
  [[nodiscard]] std::vector<std::size_t> in_key_order() const;
  // `first` and all other slots that a transaction holds, by position; lets go what is locked.
  std::vector<LockConflict> give_up(LockConflict first);
  void unlock();

  const RocksStore& store_;
  Committer& committer_;
  ItemLocks& locks_;
  LateCopies& late_copies_;
  const Clock& clock_;
  std::vector<Slot> slots_;  // neither grows nor shrinks while any is locked
  Commit commit_;
  std::optional<LateCopies::Look> look_;  // only where copies may be late, as the next
  std::vector<CopyChange> copy_changes_;  // only where copies may be late
  std::optional<Error> failure_;          // of preparing: why the commit is to fail
  std::optional<OwnedWrite> receipt_;     // the last write, once the commit is on its way
};

}  // namespace tidemark::storage
