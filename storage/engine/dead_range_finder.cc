#include "storage/engine/dead_range_finder.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::storage {
namespace {

// It gives way to requests, but not to chores of hours: until it is done, reads of the range are slow.
constexpr int kNice = 5;
// A range of no more entries than these is known completely: writes alone then keep it so. Of others, only
// where many dead keys lie is of interest.
constexpr int kEntriesMax = 256;

// From entry to entry, in the direction in which the reader went.
class Walk {
 public:
  Walk(const RocksStore& store, const SlowRange& slow)
      : rest_(slow.keys),
        is_reverse_(slow.is_reverse),
        iterator_(store.iterate(slow.space, slow.keys, {.fill_cache = false})) {}

  // What lies between the entry where the walk stands, or the edge of the range, and the next one.
  KeyRange next_gap() {
    const std::uint64_t before = RocksIterator::skipped_keys();
    move();
    skipped_ = RocksIterator::skipped_keys() - before;
    KeyRange gap = rest_;
    if (is_over()) return gap;
    if (is_reverse_) {
      gap.begin = key_behind(iterator_->key());
      rest_.end.assign(iterator_->key());
    } else {
      gap.end.assign(iterator_->key());
      rest_.begin = key_behind(iterator_->key());
    }
    return gap;
  }
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  [[nodiscard]] bool is_over() const { return !iterator_->valid(); }
  [[nodiscard]] Result<void> status() const { return iterator_->status(); }

 private:
  void move() {
    if (!std::exchange(has_begun_, true)) {
      is_reverse_ ? iterator_->seek_to_last() : iterator_->seek_to_first();
    } else {
      is_reverse_ ? iterator_->previous() : iterator_->next();
    }
  }

  KeyRange rest_;
  const bool is_reverse_;
  const std::unique_ptr<RocksIterator> iterator_;
  bool has_begun_ = false;
  std::uint64_t skipped_ = 0;
};

}  // namespace

DeadRangeFinder::DeadRangeFinder(RocksStore& store, Committer& committer)
    : store_(store),
      committer_(committer),
      worker_("dead-ranges", kNice, [this](const std::stop_token& stop) { work(stop); }) {
  store_.dead_ranges().on_slow_range([this] { worker_.wake(); });
}

DeadRangeFinder::~DeadRangeFinder() { store_.dead_ranges().on_slow_range({}); }

void DeadRangeFinder::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto slow = store_.dead_ranges().take_slow_range();
    if (!slow) return;
    confirm(*slow, stop);
  }
}

void DeadRangeFinder::confirm(const SlowRange& slow, const std::stop_token& stop) {
  DeadRanges& ranges = store_.dead_ranges();
  std::unique_ptr<DeadRanges::Watch> watch;
  committer_.with_gate([&](CommitPoint*) { watch = ranges.watch(slow); });
  Walk walk(store_, slow);
  std::vector<KeyRange> small;
  for (int entries = 0; entries <= kEntriesMax && !stop.stop_requested(); ++entries) {
    KeyRange dead = walk.next_gap();
    if (!walk.status()) return;
    if (walk.skipped() >= kDeadKeysNoted) {
      ranges.confirm(*watch, std::move(dead));
    } else {
      small.push_back(std::move(dead));
    }
    if (walk.is_over()) {
      for (KeyRange& one : small) ranges.confirm(*watch, std::move(one));
      return;
    }
  }
}

}  // namespace tidemark::storage
