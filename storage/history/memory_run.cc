#include "storage/history/memory_run.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kChunkEntries = 512;
constexpr std::size_t kChunkKeyBytes = 32 << 10;

class MemoryCursor final : public HistoryCursor {
 public:
  MemoryCursor(SortedHistoryEntries::const_iterator begin, SortedHistoryEntries::const_iterator end)
      : position_(end), begin_(begin), end_(end) {}

  void seek_to_first() override { position_ = begin_; }

  void seek(std::string_view state_key, Timestamp time) override {
    position_ = std::lower_bound(begin_, end_, std::pair(state_key, time),
                                 [](const HistoryEntry* entry, const auto& target) {
                                   return std::pair(entry->key(), entry->time) < target;
                                 });
  }

  void next() override {
    INVARIANT(valid());
    ++position_;
  }
  [[nodiscard]] bool valid() const override { return position_ != end_; }
  [[nodiscard]] std::string_view state_key() const override { return (*position_)->key(); }
  [[nodiscard]] Timestamp time() const override { return (*position_)->time; }

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
    return std::string_view(image_);
  }

  [[nodiscard]] Result<void> status() const override { return {}; }

 private:
  SortedHistoryEntries::const_iterator position_;
  const SortedHistoryEntries::const_iterator begin_;
  const SortedHistoryEntries::const_iterator end_;
  std::string image_;
};

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

void HistoryMemoryRun::append(wal::SequenceNumber sequence, Timestamp commit_time,
                              const std::shared_ptr<const File>& segment, std::uint64_t payload_bytes,
                              std::span<const HistoryChange> changes) {
  if (changes.empty()) return;
  if (segments_.empty() || segments_.back() != segment) segments_.push_back(segment);
  if (size_ == 0) {
    first_sequence_ = sequence;
    first_time_ = commit_time;
  }
  last_sequence_ = sequence;
  last_time_ = commit_time;
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
        .time = commit_time,
        .key_size = static_cast<std::uint32_t>(change.state_key.size()),
        .image_size = change.image_size,
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
  return view;
}

void HistoryMemoryRun::View::collect(const KeyRange& range, std::vector<const HistoryEntry*>* entries) const {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    // The last chunk may still be filled; its size is the one of the moment of the view.
    const std::size_t count = i + 1 == chunks_.size() ? last_chunk_size_ : chunks_[i]->size;
    const HistoryEntry* const chunk_entries = chunks_[i]->entries.get();
    for (std::size_t j = 0; j < count; ++j) {
      const std::string_view key = chunk_entries[j].key();
      if (key >= range.begin && (range.end.empty() || key < range.end)) entries->push_back(chunk_entries + j);
    }
  }
}

SortedHistoryEntries sorted_entries(std::span<const HistoryMemoryRun::View> views, const KeyRange& range) {
  SortedHistoryEntries entries;
  for (const auto& view : views) view.collect(range, &entries);
  const auto position_of = [](const HistoryEntry* entry) { return std::pair(entry->key(), entry->time); };
  std::stable_sort(entries.begin(), entries.end(), [&](const HistoryEntry* a, const HistoryEntry* b) {
    return position_of(a) < position_of(b);
  });
  const auto same_begin = std::unique(
      entries.begin(), entries.end(),
      [&](const HistoryEntry* a, const HistoryEntry* b) { return position_of(a) == position_of(b); });
  entries.erase(same_begin, entries.end());
  return entries;
}

std::unique_ptr<HistoryCursor> memory_cursor(const SortedHistoryEntries& entries, const KeyRange& range) {
  const auto at_or_above = [&](const std::string& key) {
    return std::lower_bound(
        entries.begin(), entries.end(), std::string_view(key),
        [](const HistoryEntry* entry, std::string_view target) { return entry->key() < target; });
  };
  return std::make_unique<MemoryCursor>(at_or_above(range.begin),
                                        range.end.empty() ? entries.end() : at_or_above(range.end));
}

}  // namespace tidemark::storage
