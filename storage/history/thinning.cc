#include "storage/history/thinning.h"

#include <algorithm>

#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kSecondMicros = 1'000'000;

}  // namespace

HistoryThinner::Bucket HistoryThinner::bucket_of(const HistoryNeed& need, Timestamp time) {
  // A record undoes what happened at its time, so it says what was there just before: one at a moment itself
  // belongs to what comes before the moment.
  const auto before = std::lower_bound(need.exact.begin(), need.exact.end(), time) - need.exact.begin();
  if (need.sparse_before && time <= *need.sparse_before) return {kNoSecond, before};
  return {(time.micros - 1) / kSecondMicros, before};
}

Result<void> HistoryThinner::take(HistoryCursor& record) {
  const std::string_view key = record.state_key();
  const auto need = needs_.find(id_of(key));
  const bool is_needed = need != needs_.end() && record.time() > need->second.from;
  const Bucket bucket = is_needed && thins_ ? bucket_of(need->second, record.time()) : Bucket{};
  const bool is_repeated = is_needed && thins_ && bucket == kept_bucket_ && key == kept_key_;
  if (has_repeated_ && !is_repeated) {
    if (is_told_by(record)) {
      has_repeated_ = false;
    } else {
      RETURN_IF_ERROR(write_repeated());
    }
  }
  if (!is_needed) return {};
  ASSIGN_OR_RETURN(const std::string_view image, record.image());
  if (is_repeated) {
    has_repeated_ = true;
    repeated_time_ = record.time();
    repeated_origin_ = record.origin();
    repeated_image_.assign(image);
    return {};
  }
  kept_key_.assign(key);
  kept_bucket_ = bucket;
  kept_origin_ = record.origin();
  return write_({.state_key = key, .time = record.time(), .origin = record.origin(), .image = image});
}

Result<void> HistoryThinner::finish() { return has_repeated_ ? write_repeated() : Result<void>(); }

// What comes next says when the item that it replaced was written; whoever wrote the first of the bucket is
// taken for who wrote that.
bool HistoryThinner::is_told_by(HistoryCursor& next) const {
  if (next.state_key() != kept_key_ || repeated_origin_ != kept_origin_) return false;
  const auto image = next.image();
  if (!image || image->empty()) return false;
  const auto item = parse_stored(*image);
  return item && item->write_time == repeated_time_;
}

Result<void> HistoryThinner::write_repeated() {
  has_repeated_ = false;
  return write_(
      {.state_key = kept_key_, .time = repeated_time_, .origin = repeated_origin_, .image = repeated_image_});
}

void mark_thinned(const HistoryNeeds& needs, HistoryRunInfo* run) {
  run->consolidated = true;
  for (HistoryTableShare& share : run->tables) {
    const auto need = needs.find(share.table);
    share.sparse_before = need == needs.end() ? std::nullopt : need->second.sparse_before;
  }
}

bool is_too_dense(const HistoryRunInfo& run, const HistoryTableShare& share, const HistoryNeeds& needs) {
  const auto need = needs.find(share.table);
  if (!run.consolidated || need == needs.end() || !need->second.sparse_before) return false;
  const auto is_sparse = [&share](std::optional<Timestamp> before) {
    return before && *before >= share.last_time;
  };
  return is_sparse(need->second.sparse_before) && !is_sparse(share.sparse_before);
}

}  // namespace tidemark::storage
