#include "api/front/body_budget.h"

namespace tidemark::api {

bool BodyShare::grow_to(std::uint64_t body_bytes) {
  if (body_bytes <= kFreeBytes + held_) return true;
  const std::uint64_t more = body_bytes - kFreeBytes - held_;
  const std::uint64_t before = budget_.held_.fetch_add(more, std::memory_order_relaxed);
  if (before + more > budget_.bytes_max_) {
    budget_.held_.fetch_sub(more, std::memory_order_relaxed);
    return false;
  }
  held_ += more;
  return true;
}

}  // namespace tidemark::api
