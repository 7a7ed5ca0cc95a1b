// Locks on items, by their encoded keys: two items are never taken for one another.
//
// A lock costs no memory of its own: it is a node, kept by who holds it, in the list of its key's stripe.
// Lists are short, because locks are held for no longer than a commit takes.
//
// Whoever needs several items locks them in ascending order of their keys: that cannot deadlock.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "storage/transaction.h"

namespace tidemark::storage {

// One item's lock: what is to be locked and for whom, and while it is held, its place in the list. Must
// neither move nor go while it is held.
class ItemLock {
 public:
  ItemLock() = default;
  // `key` must outlive the lock.
  ItemLock(std::string_view key, LockHolder holder);

  [[nodiscard]] std::string_view key() const { return key_; }

 private:
  friend class ItemLocks;

  std::string_view key_;
  LockHolder holder_ = LockHolder::kWrite;
  std::uint16_t stripe_ = 0;
  ItemLock* next_ = nullptr;  // while it is held; guarded by the stripe's mutex
};

// Thread-safety: all methods may be called concurrently.
class ItemLocks {
 public:
  static constexpr std::size_t kStripes = 4'096;
  static std::uint16_t stripe_of(std::string_view key);

  // Takes the lock and returns nothing, or returns who holds the item, if that is somebody for whom
  // `patience` has no time left.
  std::optional<LockHolder> lock(ItemLock* lock, const Patience& patience);
  void unlock(ItemLock* lock);
  // Who holds the item now.
  [[nodiscard]] std::optional<LockHolder> holder_of(std::string_view key) const;

 private:
  // A thread that sleeps until the item is let go.
  struct Waiter {
    explicit Waiter(std::string_view wanted) : key(wanted) {}

    std::string_view key;
    std::condition_variable changed;
    bool is_woken = false;
    Waiter* next = nullptr;
  };
  struct Stripe {
    mutable std::mutex mutex;
    ItemLock* held = nullptr;   // guarded by mutex, as is the next
    Waiter* waiters = nullptr;  // the first that came first

    [[nodiscard]] const ItemLock* find(std::string_view key) const;
    void add(Waiter* waiter);
    void remove(const Waiter* waiter);
  };

  std::optional<LockHolder> try_lock(ItemLock* lock);
  std::optional<LockHolder> lock_soon(ItemLock* lock, const Patience& patience, LockHolder holder);
  std::optional<LockHolder> wait_and_lock(ItemLock* lock, const Patience& patience);

  std::array<Stripe, kStripes> stripes_;
};

}  // namespace tidemark::storage
