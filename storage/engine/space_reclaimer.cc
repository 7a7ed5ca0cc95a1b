#include "storage/engine/space_reclaimer.h"

#include "base/log.h"
#include "storage/store/keys.h"

namespace tidemark::storage {

Result<void> SpaceReclaimer::run(const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  auto state = parts_.retention->drop_unheld();
  if (auto reclaimed = reclaim_state(stop); state) state = std::move(reclaimed);
  // What fails must not keep the other from giving space back.
  auto history =
      parts_.history->rewrite_unneeded([this] { return parts_.retention->decide_history(); }, stop);
  return state ? history : state;
}

Result<void> SpaceReclaimer::reclaim_state(const std::stop_token& stop) {
  const auto dropped = parts_.catalog->dropped();
  if (dropped.empty()) return {};
  // Files go for good, at once: a power loss must not bring back the table that they belonged to.
  RETURN_IF_ERROR(parts_.sync_log());
  for (const TableId id : dropped) {
    const std::uint64_t gone_at = gone_at_.try_emplace(id, parts_.store->last_sequence()).first->second;
    if (parts_.store->oldest_snapshot() < gone_at) continue;
    for (const wal::Space space : {wal::Space::kState, wal::Space::kIndex}) {
      RETURN_IF_ERROR(parts_.store->reclaim(space, id_range(id), stop));
    }
    RETURN_IF_ERROR(parts_.catalog->forget_dropped(id));
    gone_at_.erase(id);
    log::debug("the space of a dropped table or index was given back", {{"id", number(id)}});
  }
  return {};
}

}  // namespace tidemark::storage
