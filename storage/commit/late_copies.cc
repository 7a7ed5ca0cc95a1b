#include "storage/commit/late_copies.h"

#include <algorithm>
#include <utility>

#include "storage/store/dead_ranges.h"

namespace tidemark::storage {
namespace {

// What a version takes beside its keys and its value: nodes of the containers.
constexpr std::size_t kOverheadBytes = 640;

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
const LateCopies::Version* LateCopies::shown(const Versions& versions, const Moment& moment) {
  const auto begin = versions.all.begin() + static_cast<std::ptrdiff_t>(versions.first);
  const auto first = std::partition_point(begin, versions.all.end(), [&moment](const Version& version) {
    return version.shown_until <= moment.now || (version.outdone_at && *version.outdone_at <= moment.seen);
  });
  return first != versions.all.end() && first->replaced_at <= moment.seen ? &*first : nullptr;
}

void LateCopies::Versions::drop_first() {
  all[first].value = {};
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
  drop_arrived();
  for (CopyChange& change : changes) {
    if (change.replaced.empty()) {
      outdo(change.state_key, commit_time);
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
                                                        .outdone_at = {},
                                                        .value = std::move(replaced.value)});
      bytes_ += bytes_of(due, version);
    }
  }
  drop_what_does_not_fit();
}

// Not while somebody looks to whom it is late still.
void LateCopies::drop_arrived() {
  Timestamp now = clock_.now();
  if (!looks_.empty()) now = std::min(now, *looks_.begin());
  while (!due_.empty() && due_.front().shown_until <= now) drop_first();
}

// A commit arrives whole.
void LateCopies::drop_what_does_not_fit() {
  while (bytes_ > bytes_max_) {
    caught_up_ = std::max(caught_up_, due_.front().replaced_at);
    while (!due_.empty() && due_.front().replaced_at <= caught_up_) drop_first();
  }
}

// Kept all the same: a view that does not see that write yet shows them.
void LateCopies::outdo(const std::string& state_key, Timestamp commit_time) {
  const auto places = places_.find(state_key);
  if (places == places_.end()) return;
  for (const auto& [place, count] : places->second) {
    auto& versions = versions_.at(place).all;
    for (auto version = versions.rbegin(); version != versions.rend() && !version->outdone_at; ++version) {
      version->outdone_at = commit_time;
    }
  }
  places_.erase(places);
}

// The first of all is the first of its key, too.
void LateCopies::drop_first() {
  const Due& due = due_.front();
  const auto versions = versions_.find(due.place);
  const Version& version = versions->second.all[versions->second.first];
  bytes_ -= bytes_of(due, version);
  if (!version.outdone_at) {
    const auto places = places_.find(due.state_key);
    const auto count = places->second.find(due.place);
    if (--count->second == 0) places->second.erase(count);
    if (places->second.empty()) places_.erase(places);
  }
  versions->second.drop_first();
  if (versions->second.all.empty()) versions_.erase(versions);
  due_.pop_front();
}

std::optional<std::string> LateCopies::value_at(wal::Space space, std::string_view key,
                                                const Moment& moment) const {
  const auto found = versions_.find(Place{space, std::string(key)});
  if (found == versions_.end()) return std::nullopt;
  const Version* const version = shown(found->second, moment);
  if (version == nullptr) return std::nullopt;
  return version->value;
}

std::optional<std::string> LateCopies::find_locked(wal::Space space, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  return value_at(space, key, {.seen = kLatestTime, .now = clock_.now()});
}

std::size_t LateCopies::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

LateCopies::Look::Look(LateCopies& copies, Timestamp seen)
    : copies_(copies), moment_{.seen = seen, .now = {}} {
  const std::lock_guard lock(copies_.mutex_);
  moment_.now = copies_.clock_.now();
  copies_.looks_.insert(moment_.now);
}

LateCopies::Look::~Look() {
  const std::lock_guard lock(copies_.mutex_);
  copies_.looks_.erase(copies_.looks_.find(moment_.now));
}

std::optional<std::string> LateCopies::Look::find(wal::Space space, std::string_view key) const {
  const std::lock_guard lock(copies_.mutex_);
  return copies_.value_at(space, key, moment_);
}

// Looks for each key anew: what is kept may change between two of them.
class LateCopies::Reader final : public UndoReader {
 public:
  Reader(const LateCopies& copies, wal::Space space, KeyRange range, const Moment& moment,
         ReadDirection direction)
      : copies_(copies), space_(space), range_(std::move(range)), moment_(moment), direction_(direction) {}

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
    const Version* const version = shown(versions, moment_);
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
  const Moment moment_;
  const ReadDirection direction_;
  bool is_begun_ = false;
  std::string key_;
  std::string image_;
  Timestamp time_;
};

std::unique_ptr<UndoReader> LateCopies::Look::read(wal::Space space, KeyRange range,
                                                   ReadDirection direction) const {
  return std::make_unique<Reader>(copies_, space, std::move(range), moment_, direction);
}

}  // namespace tidemark::storage
