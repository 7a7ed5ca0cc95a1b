// Memory that connections hold for their peers: heads and bodies that come in, answers that wait to be taken.
//
// Each network thread has an account of its own for all of its connections. Who needs memory that is not
// there takes it from whoever has held on to some for longest: first from peers that nobody knows, so that
// their number does not matter to those who have shown who they are; from known ones only what they have been
// slow with. A peer that sends as fast as it can is done long before it is the oldest.
#pragma once

#include <cstdint>
#include <list>

namespace tidemark::server {

// Used by one thread.
class MemoryHolder {
 public:
  virtual ~MemoryHolder() = default;  // call HeldMemory::set(this, 0) before
  MemoryHolder(const MemoryHolder&) = delete;
  MemoryHolder& operator=(const MemoryHolder&) = delete;

 protected:
  MemoryHolder() = default;
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  friend class HeldMemory;
  // Whether it waits for its peer, so that give_up_memory() may be called.
  [[nodiscard]] virtual bool can_give_up_memory() const = 0;
  // Whether the peer has shown who it is.
  [[nodiscard]] virtual bool is_known() const = 0;
  // Ends what is in progress. The memory counts as free from now on.
  virtual void give_up_memory() = 0;

  std::uint64_t held_bytes_ = 0;
  std::uint32_t since_s_ = 0;
  std::list<MemoryHolder*>* line_ = nullptr;  // where it stands, with held_bytes_ > 0
  std::list<MemoryHolder*>::iterator place_;
};

// Not thread-safe.
class HeldMemory {
 public:
  explicit HeldMemory(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // From now on `holder` holds so much. Makes room by taking from others. False, and nothing has changed,
  // when there is none; one alone may always hold what it needs. `now_s` are seconds of any clock.
  bool set(MemoryHolder* holder, std::uint64_t bytes, std::uint32_t now_s);

  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }
  // Whether it is time to do with less.
  [[nodiscard]] bool is_tight() const { return held_bytes_ > bytes_max_ / 2; }
  // Whether it was tight since the last such answer, and is all over now: what was freed is of no use to
  // anybody.
  bool is_relaxed_again();

 private:
  // A known peer is slow when what it holds is older.
  static constexpr std::uint32_t kKnownPatienceS = 2;
  // So many from the front of a line are looked at: others are at work, and will soon be done.
  static constexpr int kLookedAtMax = 64;

  MemoryHolder* oldest(const std::list<MemoryHolder*>& line, const MemoryHolder* asker) const;
  MemoryHolder* victim(const MemoryHolder* asker, std::uint32_t now_s) const;
  void leave_line(MemoryHolder* holder);

  const std::uint64_t bytes_max_;
  std::uint64_t held_bytes_ = 0;
  bool was_tight_ = false;
  std::list<MemoryHolder*> unknown_;  // oldest first
  std::list<MemoryHolder*> known_;
};

}  // namespace tidemark::server
