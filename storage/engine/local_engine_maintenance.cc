// The engine's own chores: sealing and ageing history, checkpoints.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "storage/engine/local_engine.h"

namespace tidemark::storage {
namespace {

// How much log may be written before somebody looks whether there is anything to do.
constexpr std::uint64_t kWakeLogBytes = 1U << 20;
// How often somebody looks without that: runs that are old enough, disks that have space again.
constexpr std::chrono::seconds kLookInterval{10};
// What commits leave behind is in memory until it is sealed: upkeep that gave way to them would let it grow.
constexpr int kUpkeepNice = 0;
constexpr int kMergingNice = 10;
// What was let go is gone soon after, but nobody waits for it.
constexpr std::chrono::seconds kReclaimInterval{10};
constexpr int kReclaimNice = 10;

// So much is left on the disk for deletes, and for what compactions need to give their space back.
constexpr std::uint64_t kRoomBytes = 4U << 20;
constexpr std::chrono::milliseconds kAskInterval{1'000};

// How much log, in history segments, may lie behind a change that is not sealed.
constexpr std::uint64_t kSegmentsHeldBack = 2;

}  // namespace

// Tries something again and again, and tells of a failure once, not every time.
Worker::Chore LocalEngine::chore(Result<void> (LocalEngine::*work)(const std::stop_token&)) {
  return [this, work, is_failing = false](const std::stop_token& stop) mutable {
    const auto done = (this->*work)(stop);
    if (stop.stop_requested()) return;
    if (!done && !is_failing) {
      log::error("maintenance failed, trying again", {{"error", done.error().message}});
    }
    is_failing = !done;
  };
}

void LocalEngine::start_upkeep(Schedule& schedule) {
  merging_ = std::make_unique<Worker>("merging", kMergingNice, chore(&LocalEngine::merge_history));
  upkeep_ = std::make_unique<Worker>("upkeep", kUpkeepNice,
                                     [this, work = chore(&LocalEngine::keep_up)](const auto& stop) {
                                       work(stop);
                                       merging_->wake();
                                     });
  // Nobody else commits yet.
  committer_->on_group([this] { after_group(); });
  committer_->ask_for_room([this] { return has_room_now(); });
  upkeep_due_ = schedule.every(kLookInterval, "upkeep", [this] { upkeep_->wake(); },
                               {.settled =
                                    [this](const auto& stop) {
                                      upkeep_->drain(stop);
                                      merging_->drain(stop);
                                    },
                                .also_in_real_time = true});
  // What was left by a process that was killed is not to grow with every one that is.
  if (replayed_bytes_ >= options_.checkpoint_log_bytes) upkeep_->wake();
}

void LocalEngine::start_reclaim(Schedule& schedule) {
  reclaim_ = std::make_unique<Worker>("reclaim", kReclaimNice, [this](const std::stop_token& stop) {
    const auto done = space_reclaimer_->run(stop);
    if (!done && !stop.stop_requested()) {
      log::warn("cannot give space back, trying again", {{"error", done.error().message}});
    }
  });
  reclaim_due_ = schedule.every(
      kReclaimInterval, "reclaim", [this] { reclaim_->wake(); },
      {.settled = [this](const auto& stop) { reclaim_->drain(stop); }, .also_in_real_time = true});
}

// Runs on the thread of a commit: only looks at two numbers. Not by way of the schedule: while the clock is
// moved it may wait for a long job, and the log would grow meanwhile.
void LocalEngine::after_group() {
  if (committer_->log_bytes() < wake_at_log_bytes_.load(std::memory_order_relaxed)) return;
  wake_at_log_bytes_.store(committer_->log_bytes() + kWakeLogBytes, std::memory_order_relaxed);
  upkeep_->wake();
}

Room LocalEngine::room() const {
  if (store_->disk_full()) return Room::kNone;
  return is_short_of_room_ ? Room::kForDeletes : Room::kEnough;
}

bool LocalEngine::measure_room() const {
  std::error_code error;
  const auto space = std::filesystem::space(options_.directory, error);
  return error || space.available >= store_->unflushed_bytes() + kRoomBytes;
}

// Under the commit lock. While there is enough, the upkeep looks: whenever the log has grown by a megabyte.
// Whoever is refused has it looked at again, so that writes come back soon after space does.
bool LocalEngine::has_room_now() {
  if (!is_short_of_room_ && !store_->disk_full()) return true;
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_boot).count();
  if (now_ms - asked_for_room_at_ms_ >= kAskInterval.count()) {
    asked_for_room_at_ms_ = now_ms;
    upkeep_->wake();
  }
  return false;
}

// What the log and the memtables hold twice, the log need not hold.
Result<void> LocalEngine::make_room() {
  const bool was_short = is_short_of_room_;
  is_short_of_room_ = !measure_room();
  if (!is_short_of_room_) return {};
  if (!was_short) log::warn("the disk is nearly full: writes that add data are refused");
  if (store_->unflushed_bytes() >= kRoomBytes) {
    RETURN_IF_ERROR(checkpoint());
    RETURN_IF_ERROR(trim_log());
    is_short_of_room_ = !measure_room();
  }
  return {};
}

Result<void> LocalEngine::maintain() {
  auto done = keep_up({});
  if (auto merged = merge_history({}); done) done = std::move(merged);
  if (auto reclaimed = space_reclaimer_->run({}); done) done = std::move(reclaimed);
  return done;
}

Result<void> LocalEngine::keep_up(const std::stop_token&) {
  const std::lock_guard lock(maintenance_mutex_);
  // What fails, for lack of space perhaps, must not keep the others from giving space back.
  auto done = store_->resume();
  const auto keep_first_error = [&done](Result<void> result) {
    if (done) done = std::move(result);
  };
  keep_first_error(streams_->tidy());
  keep_first_error(seal());
  keep_first_error(history_->drop_unneeded([this] { return retention_->decide_history(); }));
  if (checkpoint_due()) keep_first_error(checkpoint());
  keep_first_error(trim_log());
  keep_first_error(make_room());
  return done;
}

// Takes as long as it takes, and nothing waits for it.
Result<void> LocalEngine::merge_history(const std::stop_token& stop) {
  const Timestamp exact_from = clock_.forgetting_time().plus_seconds(-options_.exact_history_seconds);
  return history_->consolidate(
      exact_from, [this, exact_from] { return retention_->decide_thinning(exact_from); }, stop);
}

Result<void> LocalEngine::seal() {
  const Timestamp now = clock_.now();
  const std::uint64_t log_bytes = replayable_bytes();
  wal::SequenceNumber last{};
  committer_->with_gate([&last](CommitPoint* point) { last = point->sequence; });
  if (history_->sealed_through() >= last) {
    sealed_log_bytes_ = log_bytes;
    return {};
  }
  // A few old changes would keep the log behind them, which is mostly that of other tables, from being
  // dropped.
  const bool holds_log_back =
      log_bytes - sealed_log_bytes_ >= kSegmentsHeldBack * options_.history_segment_bytes;
  if (!holds_log_back && !history_->seal_due(now)) return {};
  RETURN_IF_ERROR(log_->sync());
  RETURN_IF_ERROR(holds_log_back ? history_->seal_all(last) : history_->seal(now, last));
  sealed_log_bytes_ = log_bytes;
  return {};
}

Result<void> LocalEngine::close() {
  const std::lock_guard lock(maintenance_mutex_);
  RETURN_IF_ERROR(log_->sync());
  wal::SequenceNumber last{};
  committer_->with_gate([&last](CommitPoint* point) { last = point->sequence; });
  auto sealed = history_->seal_all(last);
  RETURN_IF_ERROR(checkpoint());
  RETURN_IF_ERROR(trim_log());
  return sealed;
}

bool LocalEngine::checkpoint_due() const {
  return replayable_bytes() - checkpoint_log_bytes_ >= options_.checkpoint_log_bytes;
}

Result<void> LocalEngine::checkpoint() {
  // No commit waits for the disk: most of the log is made safe before the gate, the rest behind it.
  RETURN_IF_ERROR(log_->prepare_rotation());
  Checkpoint checkpoint;
  Result<void> rotated;
  std::uint64_t log_bytes = 0;
  committer_->with_gate([&](CommitPoint* last) {
    checkpoint.last = *last;
    checkpoint.counters = committer_->counters();
    log_bytes = replayable_bytes();
    rotated = log_->rotate(wal::next(last->sequence));
  });
  RETURN_IF_ERROR(std::move(rotated));
  RETURN_IF_ERROR(log_->sync());
  if (checkpoint.last.sequence != checkpointed_) RETURN_IF_ERROR(store_->flush_all());
  checkpoint.replay_after = std::min(checkpoint.last.sequence, history_->sealed_through());
  if (checkpoint.last.sequence != checkpointed_ || checkpoint.replay_after != replay_after_) {
    RETURN_IF_ERROR(write_checkpoint(checkpoint_path_, files_, checkpoint));
    checkpointed_ = checkpoint.last.sequence;
    replay_after_ = checkpoint.replay_after;
  }
  checkpoint_log_bytes_ = log_bytes;
  return {};
}

Result<void> LocalEngine::trim_log() {
  RETURN_IF_ERROR(live_log_->trim([this] { return retention_->log_need(replay_after_); }));
  return {};
}

}  // namespace tidemark::storage
