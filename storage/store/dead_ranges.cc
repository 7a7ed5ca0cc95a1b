#include "storage/store/dead_ranges.h"

#include <algorithm>
#include <iterator>

#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kSlowRangesMax = 64;
constexpr std::size_t kWatchedPutsMax = 10'000;
// What a range takes besides its two keys.
constexpr std::size_t kOverheadBytes = 200;

std::size_t bytes_of(const DeadRange& range) {
  return kOverheadBytes + 2 * range.keys.begin.size() + range.keys.end.size();
}

bool contains(const KeyRange& range, std::string_view key) { return range.begin <= key && key < range.end; }

// The range that holds the key, or else the one that ends where the key begins; the end when there is none.
template <class Ranges>
auto find_at(Ranges& ranges, std::string_view key) {
  auto at = ranges.upper_bound(key);
  if (at == ranges.begin()) return ranges.end();
  --at;
  return at->second->keys.end >= key ? at : ranges.end();
}

}  // namespace

std::string key_behind(std::string_view key) {
  std::string behind;
  behind.reserve(key.size() + 1);
  behind.append(key).push_back('\0');
  return behind;
}

std::vector<DeadRangePtr> DeadRanges::overlapping(wal::Space space, const KeyRange& range) const {
  std::vector<DeadRangePtr> found;
  if (is_idle()) return found;
  const std::lock_guard lock(mutex_);
  const auto group = groups_.find({space, number(id_of(range.begin))});
  if (group == groups_.end()) return found;
  group->second.used_at = ++uses_;
  const Ranges& ranges = group->second.ranges;
  auto at = find_at(ranges, range.begin);
  if (at == ranges.end()) at = ranges.lower_bound(range.begin);
  for (; at != ranges.end() && at->first < range.end; ++at) found.push_back(at->second);
  return found;
}

void DeadRanges::report(SlowRange slow) {
  {
    const std::lock_guard lock(mutex_);
    // A reader of a range may be slow at many places of it: whoever looks at the first finds the others.
    const auto is_known = [&slow](const SlowRange& other) {
      const bool has_same_end =
          slow.is_reverse ? other.keys.begin == slow.keys.begin : other.keys.end == slow.keys.end;
      return other.space == slow.space && other.is_reverse == slow.is_reverse && has_same_end;
    };
    if (slow_.size() >= kSlowRangesMax || std::any_of(slow_.begin(), slow_.end(), is_known)) return;
    slow_.push_back(std::move(slow));
  }
  if (hook_) hook_();
}

std::optional<SlowRange> DeadRanges::take_slow_range() {
  const std::lock_guard lock(mutex_);
  if (slow_.empty()) return std::nullopt;
  SlowRange slow = std::move(slow_.front());
  slow_.pop_front();
  return slow;
}

std::unique_ptr<DeadRanges::Watch> DeadRanges::watch(const SlowRange& slow) {
  auto watch = std::make_unique<Watch>(*this, slow);
  const std::lock_guard lock(mutex_);
  watches_.push_back(watch.get());
  is_idle_ = false;
  return watch;
}

DeadRanges::Watch::~Watch() {
  const std::lock_guard lock(ranges_.mutex_);
  std::erase(ranges_.watches_, this);
  ranges_.settle_idle();
}

void DeadRanges::Watch::note_put(const KeyChange& put) {
  if (is_void_ || put.space != slow_.space || !contains(slow_.keys, put.key)) return;
  puts_.emplace(put.key);
  is_void_ = puts_.size() > kWatchedPutsMax;
}

void DeadRanges::Watch::note_delete(const KeyChange& removed) {
  if (removed.space != slow_.space) return;
  if (const auto found = puts_.find(removed.key); found != puts_.end()) puts_.erase(found);
}

void DeadRanges::confirm(const Watch& watch, KeyRange dead) {
  const std::lock_guard lock(mutex_);
  if (watch.is_void_ || dead.begin >= dead.end) return;
  Group& group = groups_[{watch.slow_.space, number(id_of(dead.begin))}];
  group.used_at = ++uses_;
  // What fills it up is mostly what later puts made of ranges that were useful once.
  if (group.ranges.size() >= kRangesMax) clear(&group);
  insert(&group, std::move(dead));
  for (const std::string& key : watch.puts_) split_at(&group, key);
  evict();
  settle_idle();
}

void DeadRanges::before_write(const std::vector<KeyChange>& changes) {
  const std::lock_guard lock(mutex_);
  for (const KeyChange& change : changes) {
    if (change.kind == KeyChange::Kind::kPut) split(change);
  }
}

// All at once, because a key may be deleted by one commit of the group and put again by the next. Puts split
// once more: a range that was confirmed meanwhile may have them, as may one that was widened here.
void DeadRanges::after_write(const std::vector<KeyChange>& changes) {
  const std::lock_guard lock(mutex_);
  for (const KeyChange& change : changes) {
    switch (change.kind) {
      case KeyChange::Kind::kPut:
        split(change);
        break;
      case KeyChange::Kind::kDelete:
        widen(change);
        break;
      case KeyChange::Kind::kDeleteRange: {
        const auto group = groups_.find({change.space, number(id_of(change.key))});
        if (group != groups_.end()) erase_group(group);
        break;
      }
    }
  }
  evict();
  settle_idle();
}

void DeadRanges::forget_all() {
  const std::lock_guard lock(mutex_);
  while (!groups_.empty()) erase_group(groups_.begin());
  for (Watch* watch : watches_) watch->is_void_ = true;
  settle_idle();
}

std::size_t DeadRanges::size() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

DeadRanges::Group* DeadRanges::find_group(wal::Space space, std::string_view key) {
  if (key.size() < kIdBytes) return nullptr;
  const auto found = groups_.find({space, number(id_of(key))});
  return found == groups_.end() ? nullptr : &found->second;
}

void DeadRanges::split(const KeyChange& put) {
  for (Watch* watch : watches_) watch->note_put(put);
  if (Group* const group = find_group(put.space, put.key)) split_at(group, put.key);
}

void DeadRanges::split_at(Group* group, std::string_view key) {
  const auto at = find_at(group->ranges, key);
  if (at == group->ranges.end() || !contains(at->second->keys, key)) return;
  const std::shared_ptr<DeadRange> range = at->second;
  erase(group, at);
  insert(group, {range->keys.begin, std::string(key)});
  insert(group, {key_behind(key), range->keys.end});
}

void DeadRanges::widen(const KeyChange& removed) {
  for (Watch* watch : watches_) watch->note_delete(removed);
  Group* const group = find_group(removed.space, removed.key);
  if (group == nullptr) return;
  const std::string behind = key_behind(removed.key);
  const bool touches_left = find_at(group->ranges, removed.key) != group->ranges.end();
  if (touches_left || group->ranges.contains(behind)) insert(group, {std::string(removed.key), behind});
}

// Ranges that it meets or touches become one with it.
void DeadRanges::insert(Group* group, KeyRange range) {
  if (range.begin >= range.end) return;
  auto at = find_at(group->ranges, range.begin);
  if (at == group->ranges.end()) at = group->ranges.lower_bound(range.begin);
  while (at != group->ranges.end() && at->first <= range.end) {
    range.begin = std::min(range.begin, at->second->keys.begin);
    range.end = std::max(range.end, at->second->keys.end);
    at = erase(group, at);
  }
  if (group->ranges.size() >= kRangesMax) return;
  auto whole = std::make_shared<DeadRange>(std::move(range));
  group->bytes += bytes_of(*whole);
  bytes_ += bytes_of(*whole);
  ++count_;
  group->ranges.emplace_hint(at, whole->keys.begin, std::move(whole));
}

DeadRanges::Ranges::iterator DeadRanges::erase(Group* group, Ranges::iterator at) {
  at->second->is_intact = false;
  --count_;
  group->bytes -= bytes_of(*at->second);
  bytes_ -= bytes_of(*at->second);
  return group->ranges.erase(at);
}

void DeadRanges::clear(Group* group) {
  while (!group->ranges.empty()) erase(group, group->ranges.begin());
}

void DeadRanges::erase_group(std::map<GroupKey, Group>::iterator group) {
  clear(&group->second);
  groups_.erase(group);
}

// Whose ranges were of no use for the longest time loses them.
void DeadRanges::evict() {
  while (bytes_ > kBytesMax) {
    const auto oldest = std::min_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
      return a.second.used_at < b.second.used_at;
    });
    erase_group(oldest);
  }
}

void DeadRanges::settle_idle() {
  if (count_ == 0) groups_.clear();
  is_idle_ = count_ == 0 && watches_.empty();
}

}  // namespace tidemark::storage
