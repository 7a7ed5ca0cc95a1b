// The newest undo records, in memory: keys and times, and where in the change log the images are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "storage/history/cursor.h"
#include "storage/history/history.h"
#include "storage/store/keys.h"
#include "wal/record.h"

namespace tidemark::storage {

// One undo record; about 100 bytes with its key.
struct HistoryEntry {
  const char* key_bytes = nullptr;
  const File* segment = nullptr;
  std::uint64_t image_offset = 0;
  Timestamp time;
  std::uint32_t key_size = 0;
  std::uint32_t image_size = 0;
  std::uint32_t image_sum = 0;  // CRC-32C
  wal::Origin origin = wal::Origin::kClient;

  [[nodiscard]] std::string_view key() const { return {key_bytes, key_size}; }
};

// Records of memory runs in order of (key, time). Each record once.
using SortedHistoryEntries = std::vector<const HistoryEntry*>;

// Appended to by one thread under the history's mutex. What was appended never moves, so that views taken
// under that mutex are read without it.
//
// Readers sort what is full: each full chunk once, then pieces of equal length are merged into one of twice
// the length. So a read looks into as many pieces as the number of chunks has binary digits, and who writes
// does nothing for it.
class HistoryMemoryRun {
  struct Chunk;

 public:
  HistoryMemoryRun();
  ~HistoryMemoryRun();
  HistoryMemoryRun(const HistoryMemoryRun&) = delete;
  HistoryMemoryRun& operator=(const HistoryMemoryRun&) = delete;

  void append(const wal::RecordHead& head, const std::shared_ptr<const File>& segment,
              std::uint64_t payload_bytes, std::span<const HistoryChange> changes);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint64_t log_bytes() const { return log_bytes_; }
  // These four need size() > 0.
  [[nodiscard]] wal::SequenceNumber first_sequence() const { return first_sequence_; }
  [[nodiscard]] wal::SequenceNumber last_sequence() const { return last_sequence_; }
  [[nodiscard]] Timestamp first_time() const { return first_time_; }
  [[nodiscard]] Timestamp last_time() const { return last_time_; }

  // The records there are now. Keeps the run, and so its log segments, alive.
  class View {
   public:
    // Appends the records with keys in `range` to `*entries`, in the order they came.
    void collect(const KeyRange& range, std::vector<const HistoryEntry*>* entries) const;
    // Appends cursors over the records with keys in `range`, which must not outlive the view. They may also
    // show records that came after it, each record once.
    void append_cursors(const KeyRange& range, HistoryCursors* cursors) const;
    [[nodiscard]] Timestamp last_time() const { return last_time_; }
    // The earliest of all records of the run; it must have some.
    [[nodiscard]] Timestamp first_time() const { return first_time_; }

   private:
    friend class HistoryMemoryRun;
    void collect_from(std::size_t first_chunk, const KeyRange& range, SortedHistoryEntries* entries) const;

    std::shared_ptr<const HistoryMemoryRun> run_;
    std::vector<const Chunk*> chunks_;
    std::size_t last_chunk_size_ = 0;
    Timestamp last_time_;
    Timestamp first_time_;
  };
  static View view(const std::shared_ptr<const HistoryMemoryRun>& run);

 private:
  // Neighbouring chunks, sorted together.
  struct SortedPiece {
    std::shared_ptr<const SortedHistoryEntries> entries;
    std::size_t chunks = 0;
  };

  // What is sorted of the first chunks, `full` of which must be full: at least those.
  std::vector<SortedPiece> sorted_pieces(std::span<const Chunk* const> full) const;
  // Room for one more record with a key of `key_size` bytes.
  Chunk& chunk_for(std::size_t key_size);

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::shared_ptr<const File>> segments_;
  std::size_t size_ = 0;
  std::uint64_t log_bytes_ = 0;
  wal::SequenceNumber first_sequence_{};
  wal::SequenceNumber last_sequence_{};
  Timestamp first_time_;
  Timestamp last_time_;

  mutable std::mutex sort_mutex_;
  mutable std::vector<SortedPiece> sorted_;  // guarded by sort_mutex_; of the first chunks, in their order
};

SortedHistoryEntries sorted_entries(std::span<const HistoryMemoryRun::View> views, const KeyRange& range);

// Over the part of `entries` that lies in `range`. `entries` and their runs must outlive the cursor.
std::unique_ptr<HistoryCursor> memory_cursor(const SortedHistoryEntries& entries, const KeyRange& range);

}  // namespace tidemark::storage
