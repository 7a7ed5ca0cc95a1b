#include "storage/commit/late_copies.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/release_memory.h"
#include "storage/store/dead_ranges.h"

namespace tidemark::storage {
namespace {

// What a version takes beside its keys and its value: nodes of the containers.
constexpr std::size_t kOverheadBytes = 640;
// So many go at a time, so that nobody waits long for what others have left.
constexpr std::size_t kDroppedMax = 256;

}  // namespace

bool shows_copies_late(const Table& table) {
  return table.replica && table.replica->consistency == RegionConsistency::kEventual && !is_filling(table);
}

bool LateCopies::has_arrived(Timestamp commit_time) const {
  if (!is_on() || commit_time.plus(lag_) <= clock_.now()) return true;
  const std::lock_guard lock(mutex_);
  return commit_time <= caught_up_;
}

Timestamp LateCopies::late_after() const {
  const std::lock_guard lock(mutex_);
  return std::max(caught_up_, Timestamp{clock_.now().micros - lag_.count()});
}

void LateCopies::catch_up(Timestamp commit_time) {
  const std::lock_guard lock(mutex_);
  caught_up_ = std::max(caught_up_, commit_time);
}

// Those before it are shown no longer, which is true of all up to some version: both times only grow. Where
// it is not seen yet what there is does not differ from it.
const LateCopies::Version* LateCopies::shown(const Versions& versions, Timestamp seen, Timestamp now) {
  const auto begin = versions.all.begin() + static_cast<std::ptrdiff_t>(versions.first);
  const auto first = std::partition_point(begin, versions.all.end(), [seen, now](const Version& version) {
    return version.shown_until <= now || (version.over_at && *version.over_at <= seen);
  });
  return first != versions.all.end() && first->replaced_at <= seen ? &*first : nullptr;
}

void LateCopies::Versions::drop_first() {
  release_memory(&all[first].value);
  ++first;
  if (2 * first <= all.size()) return;
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  first = 0;
}

std::size_t LateCopies::bytes_of(const Due& due, const Version& version) {
  return 3 * due.place.second.size() + 2 * due.state_key.size() + version.value.size() + kOverheadBytes;
}

void LateCopies::add(Timestamp commit_time, std::vector<CopyChange> changes) {
  const Timestamp until = commit_time.plus(lag_);
  const std::lock_guard lock(mutex_);
  newest_ = commit_time;
  const std::size_t count = due_.size();
  for (CopyChange& change : changes) {
    if (change.replaced.empty()) {
      end(change.state_key, commit_time);
      continue;
    }
    for (ReplacedValue& replaced : change.replaced) {
      Due& due = due_.emplace_back(Due{.replaced_at = commit_time,
                                       .shown_until = until,
                                       .place = {replaced.space, std::move(replaced.key)},
                                       .state_key = change.state_key});
      ++places_[change.state_key][due.place];
      const Version& version =
          versions_[due.place].all.emplace_back(Version{.replaced_at = commit_time,
                                                        .shown_until = until,
                                                        .over_at = {},
                                                        .value = std::move(replaced.value)});
      bytes_ += bytes_of(due, version);
      late_bytes_ += bytes_of(due, version);
    }
  }
  end_what_does_not_fit(commit_time);
  // More than come.
  drop_some(kDroppedMax + 2 * (due_.size() - count));
}

void LateCopies::forget(TableId table) {
  std::string prefix;
  append_u32_be(&prefix, number(table));
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  for (const auto& [state_key, places] : places_) {
    if (state_key.starts_with(prefix)) keys.push_back(state_key);
  }
  for (const std::string& key : keys) end(key, newest_);
}

// Kept all the same: a view that does not see that commit yet shows them.
void LateCopies::end(const std::string& state_key, Timestamp commit_time) {
  const auto places = places_.find(state_key);
  if (places == places_.end()) return;
  for (const auto& [place, count] : places->second) {
    auto& versions = versions_.at(place).all;
    for (auto version = versions.rbegin(); version != versions.rend() && !version->over_at; ++version) {
      version->over_at = commit_time;
    }
  }
  places_.erase(places);
}

// A commit arrives whole.
void LateCopies::end_what_does_not_fit(Timestamp commit_time) {
  while (late_bytes_ > bytes_max_) {
    caught_up_ = std::max(caught_up_, due_[arrived_].replaced_at);
    for (; arrived_ < due_.size() && due_[arrived_].replaced_at <= caught_up_; ++arrived_) {
      const Due& due = due_[arrived_];
      Versions& versions = versions_.at(due.place);
      const auto begin = versions.all.begin() + static_cast<std::ptrdiff_t>(versions.first);
      const auto version = std::partition_point(begin, versions.all.end(), [&due](const Version& one) {
        return one.replaced_at < due.replaced_at;
      });
      late_bytes_ -= bytes_of(due, *version);
      if (version->over_at) continue;
      version->over_at = commit_time;
      forget_place(due);
    }
  }
}

void LateCopies::forget_place(const Due& due) {
  const auto places = places_.find(due.state_key);
  const auto count = places->second.find(due.place);
  if (--count->second == 0) places->second.erase(count);
  if (places->second.empty()) places_.erase(places);
}

// Those that nobody who looks is shown, nor will be.
void LateCopies::drop_some(std::size_t count_max) {
  const Timestamp now = nows_.empty() ? clock_.now() : std::min(clock_.now(), *nows_.begin());
  const Timestamp seen = seen_.empty() ? kLatestTime : *seen_.begin();
  for (std::size_t count = 0; count < count_max && !due_.empty(); ++count) {
    const Versions& versions = versions_.at(due_.front().place);
    const Version& version = versions.all[versions.first];
    const bool is_over = version.over_at && *version.over_at <= seen;
    if (version.shown_until > now && !is_over) return;
    drop_first();
  }
}

// The first of all is the first of its key, too.
void LateCopies::drop_first() {
  const Due& due = due_.front();
  const auto versions = versions_.find(due.place);
  const Version& version = versions->second.all[versions->second.first];
  const std::size_t bytes = bytes_of(due, version);
  bytes_ -= bytes;
  if (arrived_ > 0) {
    --arrived_;
  } else {
    late_bytes_ -= bytes;
  }
  if (!version.over_at) forget_place(due);
  versions->second.drop_first();
  if (versions->second.all.empty()) versions_.erase(versions);
  due_.pop_front();
}

std::size_t LateCopies::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

LateCopies::Look::Look(LateCopies& copies, Timestamp seen) : copies_(copies), seen_(seen) {
  const std::lock_guard lock(copies_.mutex_);
  copies_.drop_some(kDroppedMax);
  now_ = copies_.clock_.now();
  copies_.nows_.insert(now_);
  copies_.seen_.insert(seen_);
}

LateCopies::Look::~Look() {
  const std::lock_guard lock(copies_.mutex_);
  copies_.nows_.erase(copies_.nows_.find(now_));
  copies_.seen_.erase(copies_.seen_.find(seen_));
}

std::optional<std::string> LateCopies::Look::find(wal::Space space, std::string_view key) const {
  const Place place{space, std::string(key)};
  const std::lock_guard lock(copies_.mutex_);
  const auto found = copies_.versions_.find(place);
  if (found == copies_.versions_.end()) return std::nullopt;
  const Version* const version = shown(found->second, seen_, now_);
  if (version == nullptr) return std::nullopt;
  return version->value;
}

// Looks for each key anew: what is kept may change between two of them.
class LateCopies::Reader final : public UndoReader {
 public:
  Reader(const LateCopies& copies, wal::Space space, KeyRange range, Timestamp seen, Timestamp now,
         ReadDirection direction)
      : copies_(copies),
        space_(space),
        range_(std::move(range)),
        seen_(seen),
        now_(now),
        direction_(direction) {}

  bool next() override {
    const std::lock_guard lock(copies_.mutex_);
    return direction_ == ReadDirection::kForward ? next_forward() : next_backward();
  }
  [[nodiscard]] std::string_view state_key() const override { return key_; }
  [[nodiscard]] Timestamp time() const override { return time_; }
  [[nodiscard]] wal::Origin origin() const override { return wal::Origin::kReplication; }
  Result<std::string_view> image() override { return std::string_view(image_); }
  [[nodiscard]] Result<void> status() const override { return {}; }

 private:
  bool next_forward() {
    auto at = copies_.versions_.lower_bound({space_, is_begun_ ? key_behind(key_) : range_.begin});
    for (; at != copies_.versions_.end() && is_in_range(at->first); ++at) {
      if (take(at->first, at->second)) return true;
    }
    return false;
  }

  bool next_backward() {
    auto at = copies_.versions_.lower_bound({space_, is_begun_ ? key_ : range_.end});
    while (at != copies_.versions_.begin()) {
      --at;
      if (!is_in_range(at->first)) return false;
      if (take(at->first, at->second)) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_in_range(const Place& place) const {
    return place.first == space_ && place.second >= range_.begin && place.second < range_.end;
  }

  bool take(const Place& place, const Versions& versions) {
    const Version* const version = shown(versions, seen_, now_);
    if (version == nullptr) return false;
    key_ = place.second;
    image_ = version->value;
    time_ = version->replaced_at;
    is_begun_ = true;
    return true;
  }

  const LateCopies& copies_;
  const wal::Space space_;
  const KeyRange range_;
  const Timestamp seen_;
  const Timestamp now_;
  const ReadDirection direction_;
  bool is_begun_ = false;
  std::string key_;
  std::string image_;
  Timestamp time_;
};

std::unique_ptr<UndoReader> LateCopies::Look::read(wal::Space space, KeyRange range,
                                                   ReadDirection direction) const {
  return std::make_unique<Reader>(copies_, space, std::move(range), seen_, now_, direction);
}

}  // namespace tidemark::storage
