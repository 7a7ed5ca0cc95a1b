#include "storage/history/memory_run.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/digest.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kChunkEntries = 512;
constexpr std::size_t kChunkKeyBytes = 32 << 10;

using EntryIterator = SortedHistoryEntries::const_iterator;

std::pair<std::string_view, Timestamp> position_of(const HistoryEntry* entry) {
  return {entry->key(), entry->time};
}
bool is_before(const HistoryEntry* a, const HistoryEntry* b) { return position_of(a) < position_of(b); }

EntryIterator at_or_above(EntryIterator begin, EntryIterator end, std::string_view key, Timestamp time) {
  const auto is_below = [](const HistoryEntry* entry, const auto& target) {
    return position_of(entry) < target;
  };
  return std::lower_bound(begin, end, std::pair(key, time), is_below);
}

// Before the time of every record.
constexpr Timestamp kBeginningOfTime{std::numeric_limits<std::int64_t>::min()};

class MemoryCursor final : public HistoryCursor {
 public:
  // `owned` keeps the entries that the iterators point into, unless somebody else does.
  MemoryCursor(std::shared_ptr<const SortedHistoryEntries> owned, EntryIterator begin, EntryIterator end)
      : owned_(std::move(owned)), position_(end), begin_(begin), end_(end) {}

  void seek_to_first() override { position_ = begin_; }
  void seek(std::string_view state_key, Timestamp time) override {
    position_ = at_or_above(begin_, end_, state_key, time);
  }
  void seek_to_last() override { position_ = begin_ == end_ ? end_ : end_ - 1; }
  void seek_before(std::string_view state_key) override {
    const auto first = at_or_above(begin_, end_, state_key, kBeginningOfTime);
    position_ = first == begin_ ? end_ : first - 1;
  }

  void next() override {
    INVARIANT(valid());
    ++position_;
  }
  [[nodiscard]] bool valid() const override { return position_ != end_; }
  [[nodiscard]] std::string_view state_key() const override { return (*position_)->key(); }
  [[nodiscard]] Timestamp time() const override { return (*position_)->time; }
  [[nodiscard]] wal::Origin origin() const override { return (*position_)->origin; }

  Result<std::string_view> image() override {
    const HistoryEntry& entry = **position_;
    image_.resize(entry.image_size);
    if (entry.image_size == 0) return std::string_view();
    ASSIGN_OR_RETURN(const std::size_t count,
                     entry.segment->read_at(entry.image_offset, image_.data(), image_.size()));
    if (count != image_.size()) {
      return fail(Error::corruption("a log segment ends before offset " +
                                    std::to_string(entry.image_offset + entry.image_size) +
                                    ", where the history has an image"));
    }
    // The log is read here by places, not by its frames, which have checksums of their own.
    if (crc32c(0, image_) != entry.image_sum) {
      return fail(Error::corruption("the former value of an item is damaged in a log segment, at offset " +
                                    std::to_string(entry.image_offset)));
    }
    return std::string_view(image_);
  }

  [[nodiscard]] Result<void> status() const override { return {}; }

 private:
  const std::shared_ptr<const SortedHistoryEntries> owned_;
  EntryIterator position_;
  const EntryIterator begin_;
  const EntryIterator end_;
  std::string image_;
};

// Over the part of `entries` that lies in `range`.
std::unique_ptr<HistoryCursor> cursor_over(std::shared_ptr<const SortedHistoryEntries> owned,
                                           const SortedHistoryEntries& entries, const KeyRange& range) {
  const auto begin = at_or_above(entries.begin(), entries.end(), range.begin, kBeginningOfTime);
  const auto end =
      range.end.empty() ? entries.end() : at_or_above(begin, entries.end(), range.end, kBeginningOfTime);
  return std::make_unique<MemoryCursor>(std::move(owned), begin, end);
}

}  // namespace

struct HistoryMemoryRun::Chunk {
  explicit Chunk(std::size_t key_bytes_max)
      : entries(std::make_unique<HistoryEntry[]>(kChunkEntries)),
        keys(std::make_unique_for_overwrite<char[]>(key_bytes_max)),
        key_capacity(key_bytes_max) {}

  [[nodiscard]] bool has_room(std::size_t key_size) const {
    return size < kChunkEntries && key_capacity - key_bytes >= key_size;
  }

  const std::unique_ptr<HistoryEntry[]> entries;
  const std::unique_ptr<char[]> keys;
  const std::size_t key_capacity;
  std::size_t key_bytes = 0;
  std::size_t size = 0;
};

HistoryMemoryRun::HistoryMemoryRun() = default;
HistoryMemoryRun::~HistoryMemoryRun() = default;

HistoryMemoryRun::Chunk& HistoryMemoryRun::chunk_for(std::size_t key_size) {
  if (chunks_.empty() || !chunks_.back()->has_room(key_size)) {
    chunks_.push_back(std::make_unique<Chunk>(std::max(kChunkKeyBytes, key_size)));
  }
  return *chunks_.back();
}

void HistoryMemoryRun::append(const wal::RecordHead& head, const std::shared_ptr<const File>& segment,
                              std::uint64_t payload_bytes, std::span<const HistoryChange> changes) {
  if (changes.empty()) return;
  if (segments_.empty() || segments_.back() != segment) segments_.push_back(segment);
  if (size_ == 0) {
    first_sequence_ = head.sequence;
    first_time_ = head.commit_time;
  }
  last_sequence_ = head.sequence;
  last_time_ = head.commit_time;
  log_bytes_ += payload_bytes;
  for (const HistoryChange& change : changes) {
    Chunk& chunk = chunk_for(change.state_key.size());
    char* const key = chunk.keys.get() + chunk.key_bytes;
    std::memcpy(key, change.state_key.data(), change.state_key.size());
    chunk.key_bytes += change.state_key.size();
    chunk.entries[chunk.size++] = {
        .key_bytes = key,
        .segment = segment.get(),
        .image_offset = change.image_offset,
        .time = head.commit_time,
        .key_size = static_cast<std::uint32_t>(change.state_key.size()),
        .image_size = change.image_size,
        .image_sum = change.image_sum,
        .origin = wal::origin_of(head, change.is_replicated),
    };
    ++size_;
  }
}

HistoryMemoryRun::View HistoryMemoryRun::view(const std::shared_ptr<const HistoryMemoryRun>& run) {
  View view;
  view.run_ = run;
  view.first_time_ = run->first_time_;
  view.chunks_.reserve(run->chunks_.size());
  for (const auto& chunk : run->chunks_) view.chunks_.push_back(chunk.get());
  if (!run->chunks_.empty()) view.last_chunk_size_ = run->chunks_.back()->size;
  view.last_time_ = run->last_time_;
  return view;
}

void HistoryMemoryRun::View::collect(const KeyRange& range, std::vector<const HistoryEntry*>* entries) const {
  collect_from(0, range, entries);
}

void HistoryMemoryRun::View::collect_from(std::size_t first_chunk, const KeyRange& range,
                                          SortedHistoryEntries* entries) const {
  for (std::size_t i = first_chunk; i < chunks_.size(); ++i) {
    // The last chunk may still be filled; its size is the one of the moment of the view.
    const std::size_t count = i + 1 == chunks_.size() ? last_chunk_size_ : chunks_[i]->size;
    const HistoryEntry* const chunk_entries = chunks_[i]->entries.get();
    for (std::size_t j = 0; j < count; ++j) {
      const std::string_view key = chunk_entries[j].key();
      if (key >= range.begin && (range.end.empty() || key < range.end)) entries->push_back(chunk_entries + j);
    }
  }
}

void HistoryMemoryRun::View::append_cursors(const KeyRange& range, HistoryCursors* cursors) const {
  if (chunks_.empty()) return;
  // The last chunk may not be full yet.
  const std::span full(chunks_.data(), chunks_.size() - 1);
  std::size_t sorted = 0;
  for (const SortedPiece& piece : run_->sorted_pieces(full)) {
    cursors->push_back(cursor_over(piece.entries, *piece.entries, range));
    sorted += piece.chunks;
  }
  auto rest = std::make_shared<SortedHistoryEntries>();
  collect_from(sorted, range, rest.get());
  if (rest->empty()) return;
  std::stable_sort(rest->begin(), rest->end(), is_before);
  cursors->push_back(std::make_unique<MemoryCursor>(rest, rest->begin(), rest->end()));
}

std::vector<HistoryMemoryRun::SortedPiece> HistoryMemoryRun::sorted_pieces(
    std::span<const Chunk* const> full) const {
  const std::lock_guard lock(sort_mutex_);
  std::size_t sorted = 0;
  for (const SortedPiece& piece : sorted_) sorted += piece.chunks;
  for (; sorted < full.size(); ++sorted) {
    auto entries = std::make_shared<SortedHistoryEntries>();
    const Chunk& chunk = *full[sorted];
    for (std::size_t i = 0; i < chunk.size; ++i) entries->push_back(&chunk.entries[i]);
    std::stable_sort(entries->begin(), entries->end(), is_before);
    sorted_.push_back({std::move(entries), 1});
    while (sorted_.size() > 1 && sorted_[sorted_.size() - 2].chunks == sorted_.back().chunks) {
      const SortedPiece newer = std::move(sorted_.back());
      sorted_.pop_back();
      SortedPiece& older = sorted_.back();
      auto merged = std::make_shared<SortedHistoryEntries>();
      merged->reserve(older.entries->size() + newer.entries->size());
      std::merge(older.entries->begin(), older.entries->end(), newer.entries->begin(), newer.entries->end(),
                 std::back_inserter(*merged), is_before);
      older = {std::move(merged), older.chunks + newer.chunks};
    }
  }
  return sorted_;
}

SortedHistoryEntries sorted_entries(std::span<const HistoryMemoryRun::View> views, const KeyRange& range) {
  SortedHistoryEntries entries;
  for (const auto& view : views) view.collect(range, &entries);
  std::stable_sort(entries.begin(), entries.end(), is_before);
  const auto same_begin = std::unique(
      entries.begin(), entries.end(),
      [](const HistoryEntry* a, const HistoryEntry* b) { return position_of(a) == position_of(b); });
  entries.erase(same_begin, entries.end());
  return entries;
}

std::unique_ptr<HistoryCursor> memory_cursor(const SortedHistoryEntries& entries, const KeyRange& range) {
  return cursor_over(nullptr, entries, range);
}

}  // namespace tidemark::storage
