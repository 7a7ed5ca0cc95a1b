// Transactions over latches, RocksDB and the committer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/commit/committer.h"
#include "storage/commit/latches.h"
#include "storage/store/rocks.h"
#include "storage/transaction.h"

namespace tidemark::storage {

class ItemTransaction final : public Transaction {
 public:
  // All three must outlive the transaction.
  ItemTransaction(const RocksStore& store, Committer& committer, Latches& latches, wal::Origin origin)
      : store_(store), committer_(committer), latches_(latches) {
    commit_.origin = origin;
  }
  ~ItemTransaction() override { unlock(); }
  ItemTransaction(const ItemTransaction&) = delete;
  ItemTransaction& operator=(const ItemTransaction&) = delete;

  Result<void> lock(std::vector<ItemRef> items) override;
  Result<bool> lock_soon(std::vector<ItemRef> items) override;
  Result<std::optional<StoredItem>> read(std::size_t position) override;
  WriteEffect put(std::size_t position, model::Item item) override;
  WriteEffect remove(std::size_t position) override;
  Result<Timestamp> commit() override;

 private:
  struct Slot {
    ItemRef ref;
    std::string key;  // encoded
    bool was_read = false;
    std::optional<std::uint32_t> old_size;
    // The old item, only where indexes or history need it.
    std::optional<StoredItem> old_item;
    std::optional<std::size_t> write;  // position of its state write in commit_.writes
  };

  // Appends the writes of one slot; `new_item` absent: a removal.
  void prepare(Slot* slot, const std::optional<model::Item>& new_item, bool keep_old_value,
               std::vector<IndexEffect>* effects);
  // Prepares all writes again, by the tables as they are now.
  Result<void> prepare_again();
  // Makes a slot for each, and returns the stripes to be locked, in order.
  std::vector<Latches::Stripe> take(std::vector<ItemRef> items);
  void unlock();

  const RocksStore& store_;
  Committer& committer_;
  Latches& latches_;
  std::vector<Slot> slots_;
  std::vector<Latches::Stripe> stripes_;  // locked ones
  Commit commit_;
};

}  // namespace tidemark::storage
