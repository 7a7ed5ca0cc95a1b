#include "server/http/held_memory.h"

namespace tidemark::server {

bool HeldMemory::set(MemoryHolder* holder, std::uint64_t bytes, std::uint32_t now_s) {
  const std::uint64_t before = holder->held_bytes_;
  if (bytes == before) return true;
  if (bytes > before) {
    while (held_bytes_ - before + bytes > bytes_max_ && held_bytes_ > before) {
      MemoryHolder* const found = victim(holder, now_s);
      if (found == nullptr) return false;
      leave_line(found);
      found->give_up_memory();
    }
  }
  held_bytes_ = held_bytes_ - before + bytes;
  was_tight_ = was_tight_ || is_tight();
  holder->held_bytes_ = bytes;
  std::list<MemoryHolder*>* const line = bytes == 0 ? nullptr : holder->is_known() ? &known_ : &unknown_;
  if (line == holder->line_) return true;
  if (holder->line_ != nullptr) holder->line_->erase(holder->place_);
  if (holder->line_ == nullptr) holder->since_s_ = now_s;
  holder->line_ = line;
  if (line != nullptr) holder->place_ = line->insert(line->end(), holder);
  return true;
}

bool HeldMemory::is_relaxed_again() {
  const bool is_over = was_tight_ && held_bytes_ < bytes_max_ / 16;
  if (is_over) was_tight_ = false;
  return is_over;
}

void HeldMemory::leave_line(MemoryHolder* holder) {
  held_bytes_ -= holder->held_bytes_;
  holder->held_bytes_ = 0;
  holder->line_->erase(holder->place_);
  holder->line_ = nullptr;
}

MemoryHolder* HeldMemory::oldest(const std::list<MemoryHolder*>& line, const MemoryHolder* asker) const {
  int looked_at = 0;
  for (MemoryHolder* const holder : line) {
    if (holder != asker && holder->can_give_up_memory()) return holder;
    if (++looked_at == kLookedAtMax) break;
  }
  return nullptr;
}

MemoryHolder* HeldMemory::victim(const MemoryHolder* asker, std::uint32_t now_s) const {
  if (MemoryHolder* const found = oldest(unknown_, asker)) return found;
  if (!asker->is_known()) return nullptr;
  MemoryHolder* const found = oldest(known_, asker);
  const bool is_slow = found != nullptr && found->since_s_ + kKnownPatienceS <= now_s;
  return is_slow ? found : nullptr;
}

}  // namespace tidemark::server
