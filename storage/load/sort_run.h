// One sorted run of an external sort, in memory or in a file.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "storage/load/external_sorter.h"

namespace tidemark::storage {

struct SortRecord {
  std::uint64_t prefix = 0;  // eight bytes of the key behind its id: decides most comparisons
  std::uint64_t order = 0;
  const char* bytes = nullptr;  // key, then value
  std::uint32_t key_size = 0;
  std::uint32_t value_size = 0;

  [[nodiscard]] std::string_view key() const { return {bytes, key_size}; }
  [[nodiscard]] std::string_view value() const { return {bytes + key_size, value_size}; }
};

// By key; of equal keys, the higher order first.
bool comes_before(const SortRecord& a, const SortRecord& b);

// A file of runs, removed with the last of them unless it is to stay.
struct SpillFile {
  SpillFile(FileSystem& file_system, int file_number, std::string file_path, std::unique_ptr<File> open_file)
      : files(file_system), number(file_number), path(std::move(file_path)), file(std::move(open_file)) {}
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  FileSystem& files;
  const int number;
  const std::string path;
  std::unique_ptr<File> file;
  bool stays = false;
};

// Not thread-safe.
class SortRunCursor {
 public:
  virtual ~SortRunCursor() = default;
  // False at the end. `*record` is valid until the next call. Errors: kIo, kCorruption.
  virtual Result<bool> next(SortRecord* record) = 0;
};

// First filled and sorted by one thread, then read by many.
class SortRun {
 public:
  explicit SortRun(std::uint64_t block_bytes) : block_bytes_(block_bytes) {}
  // One that stands in `file`.
  SortRun(std::shared_ptr<SpillFile> file, const SavedRun& saved)
      : block_bytes_(0), place_(saved), spill_file_(std::move(file)) {}

  void add(std::string_view key, std::string_view value, std::uint64_t order);
  [[nodiscard]] bool is_empty() const { return records_.empty() && spill_file_ == nullptr; }
  [[nodiscard]] std::uint64_t memory_bytes() const { return memory_bytes_; }

  void sort();
  // Writes the sorted records to the end of `file` and frees their memory.
  Result<void> spill(std::shared_ptr<SpillFile> file);

  // Where it stands in its file: of a run that was spilled.
  [[nodiscard]] const SavedRun& saved() const { return place_; }

  void keep_file() {
    if (spill_file_ != nullptr) spill_file_->stays = true;
  }

  // Over slices `first` up to, not including, `end`. The run must outlive the cursor.
  [[nodiscard]] std::unique_ptr<SortRunCursor> cursor(std::uint32_t first, std::uint32_t end,
                                                      std::size_t buffer_bytes) const;

 private:
  char* allocate(std::size_t size);

  const std::uint64_t block_bytes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* block_position_ = nullptr;
  std::size_t block_rest_ = 0;
  std::uint64_t memory_bytes_ = 0;
  std::vector<SortRecord> records_;
  SavedRun place_;  // until it is spilled its starts are positions in records_, and there are no sums
  std::shared_ptr<SpillFile> spill_file_;
};

}  // namespace tidemark::storage
