// Sorts more (key, value) pairs than fit into memory: sorted runs, kept in memory or spilled to files, merged
// when read.
//
// Keys begin with an id (4 bytes) and a hash: see keys.h. The first byte of the hash is the key's slice, by
// which readers share the work.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "storage/load/room_check.h"

namespace tidemark::storage {

inline constexpr std::uint32_t kSortSlices = 256;

// Where each slice begins, and where the last one ends.
using SliceStarts = std::array<std::uint64_t, kSortSlices + 1>;
// CRC-32C of each slice; 0 of an empty one.
using SliceSums = std::array<std::uint32_t, kSortSlices>;

// A run as it stands in a file.
struct SavedRun {
  int file = 0;  // the number in its name
  SliceStarts starts{};
  SliceSums sums{};
};

// `<prefix><number>.run`
std::string run_path(const std::string& prefix, int number);

struct SpillFile;
class SortRun;

// Walks the distinct keys of some slices in order. Not thread-safe.
class SortedReader {
 public:
  virtual ~SortedReader() = default;
  // False at the end, or on an error: see status().
  virtual bool next() = 0;
  // Valid until next().
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// First all inputs, each used by one thread and flushed; then readers, any number at once.
// Thread-safety: the methods may be called concurrently.
class ExternalSorter {
 public:
  // Spills to files `<path_prefix><number>.run`, which are gone when the sorter is, unless keep_files() was
  // called. `memory_bytes_max` bounds what all inputs together hold. `files` must outlive the sorter.
  // `check_room` is asked before a run is spilled: then add(), flush() and save() fail as it does.
  ExternalSorter(FileSystem& files, std::string path_prefix, std::uint64_t memory_bytes_max,
                 RoomCheck check_room = nullptr);
  ~ExternalSorter();

  // Before there are inputs: takes the runs that an earlier sorter of this prefix saved. What else stands in
  // their files is cut off where it is behind them. Errors: kIo; kCorruption when a file is too short, or
  // gone.
  Result<void> restore(const std::vector<SavedRun>& saved);
  // When there are no inputs any more: the files stay.
  void keep_files();

  class Input {
   public:
    explicit Input(ExternalSorter& sorter);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    // Where a key comes twice, the pair with the highest order is kept. Errors: kIo, kNoSpace.
    Result<void> add(std::string_view key, std::string_view value, std::uint64_t order);
    // Hands over what is in memory. Errors: kIo, kNoSpace.
    Result<void> flush();

    // Bytes added that save() was not called for.
    [[nodiscard]] std::uint64_t unsaved_bytes() const { return unsaved_bytes_; }
    // Makes everything that was added survive a power loss, and returns the runs that no earlier call did.
    // Before flush(). Errors: kIo, kNoSpace.
    Result<std::vector<SavedRun>> save();

   private:
    Result<void> hand_over(bool spill);

    ExternalSorter& sorter_;
    std::unique_ptr<SortRun> run_;           // being filled
    std::shared_ptr<SpillFile> spill_file_;  // when something was spilled
    std::vector<SavedRun> unsaved_runs_;     // spilled since the last save()
    std::uint64_t unsaved_bytes_ = 0;
  };

  // The inputs must be gone before the sorter.
  std::unique_ptr<Input> input() { return std::make_unique<Input>(*this); }

  // All keys and values added, in bytes.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  // Reads slices `first` up to, not including, `end`. Must not outlive the sorter. `readers` is how many will
  // be open at once: they share the memory for buffers.
  [[nodiscard]] std::unique_ptr<SortedReader> read(std::uint32_t first, std::uint32_t end, int readers) const;

  // Lets go of everything that was added; no reader may be open, and no input may add again.
  void clear();

 private:
  // What one input may hold before it spills.
  [[nodiscard]] std::uint64_t input_bytes_max() const;
  // One that no input writes to any more, or a new one.
  Result<std::shared_ptr<SpillFile>> take_spill_file();

  FileSystem& files_;
  const std::string path_prefix_;
  const std::uint64_t memory_bytes_max_;
  const RoomCheck check_room_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint32_t> live_inputs_ = 0;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<SortRun>> runs_;                // guarded by mutex_
  std::uint64_t held_bytes_ = 0;                              // of the runs kept in memory; guarded by mutex_
  int spill_files_ = 0;                                       // the last number; guarded by mutex_
  std::vector<std::shared_ptr<SpillFile>> idle_spill_files_;  // guarded by mutex_
};

}  // namespace tidemark::storage
