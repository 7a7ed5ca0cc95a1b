#include "storage/commit/item_locks.h"

#include <functional>
#include <thread>
#include <utility>

#include "base/check.h"

namespace tidemark::storage {

ItemLock::ItemLock(std::string_view key, LockHolder holder)
    : key_(key), holder_(holder), stripe_(ItemLocks::stripe_of(key)) {}

std::uint16_t ItemLocks::stripe_of(std::string_view key) {
  return static_cast<std::uint16_t>(std::hash<std::string_view>{}(key) % kStripes);
}

const ItemLock* ItemLocks::Stripe::find(std::string_view key) const {
  const ItemLock* lock = held;
  while (lock != nullptr && lock->key_ != key) lock = lock->next_;
  return lock;
}

void ItemLocks::Stripe::add(Waiter* waiter) {
  Waiter** place = &waiters;
  while (*place != nullptr) place = &(*place)->next;
  *place = waiter;
}

void ItemLocks::Stripe::remove(const Waiter* waiter) {
  Waiter** place = &waiters;
  while (*place != waiter) place = &(*place)->next;
  *place = waiter->next;
}

std::optional<LockHolder> ItemLocks::lock(ItemLock* lock, const Patience& patience) {
  const auto holder = try_lock(lock);
  if (!holder) [[likely]]
    return std::nullopt;
  switch (patience.with(*holder)) {
    case Wait::kNever:
      return holder;
    case Wait::kMoment:
      return lock_soon(lock, patience, *holder);
    case Wait::kUntilFree:
      break;
  }
  return wait_and_lock(lock, patience);
}

std::optional<LockHolder> ItemLocks::try_lock(ItemLock* lock) {
  Stripe& stripe = stripes_[lock->stripe_];
  const std::lock_guard guard(stripe.mutex);
  if (const ItemLock* const held = stripe.find(lock->key_)) return held->holder_;
  lock->next_ = std::exchange(stripe.held, lock);
  return std::nullopt;
}

// Writes of small items are done within a few turns of the other threads.
std::optional<LockHolder> ItemLocks::lock_soon(ItemLock* lock, const Patience& patience, LockHolder holder) {
  constexpr int kTries = 50;
  for (int i = 0; i < kTries && patience.with(holder) != Wait::kNever; ++i) {
    std::this_thread::yield();
    const auto still = try_lock(lock);
    if (!still) return std::nullopt;
    holder = *still;
  }
  return holder;
}

// Who lets an item go wakes the first that waits for it, without giving the item to that thread: a running
// thread may be faster, which keeps a hot item busy. The one that was woken keeps its place, so it is also
// the next to be woken.
std::optional<LockHolder> ItemLocks::wait_and_lock(ItemLock* lock, const Patience& patience) {
  Stripe& stripe = stripes_[lock->stripe_];
  Waiter waiter(lock->key_);
  std::unique_lock guard(stripe.mutex);
  stripe.add(&waiter);
  const ItemLock* held = stripe.find(lock->key_);
  while (held != nullptr && patience.with(held->holder_) == Wait::kUntilFree) {
    waiter.is_woken = false;
    waiter.changed.wait(guard, [&waiter] { return waiter.is_woken; });
    held = stripe.find(lock->key_);
  }
  stripe.remove(&waiter);
  if (held != nullptr) return held->holder_;
  lock->next_ = std::exchange(stripe.held, lock);
  return std::nullopt;
}

void ItemLocks::unlock(ItemLock* lock) {
  Stripe& stripe = stripes_[lock->stripe_];
  const std::lock_guard guard(stripe.mutex);
  ItemLock** place = &stripe.held;
  while (*place != lock) {
    INVARIANT(*place != nullptr);
    place = &(*place)->next_;
  }
  *place = lock->next_;
  for (Waiter* waiter = stripe.waiters; waiter != nullptr; waiter = waiter->next) {
    if (waiter->key != lock->key_) continue;
    waiter->is_woken = true;
    // Under the mutex: once it is free, the waiter may be gone.
    waiter->changed.notify_one();
    break;
  }
}

std::optional<LockHolder> ItemLocks::holder_of(std::string_view key) const {
  const Stripe& stripe = stripes_[stripe_of(key)];
  const std::lock_guard guard(stripe.mutex);
  const ItemLock* const held = stripe.find(key);
  if (held == nullptr) return std::nullopt;
  return held->holder_;
}

}  // namespace tidemark::storage
