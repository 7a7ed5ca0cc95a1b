#include "storage/load/external_sorter.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "storage/load/sort_run.h"

namespace tidemark::storage {
namespace {

constexpr std::uint64_t kBlockBytesMin = 4U << 10;
constexpr std::uint64_t kBlockBytesMax = 1U << 20;
constexpr std::uint64_t kReadBufferBytesMin = 16U << 10;
constexpr std::uint64_t kReadBufferBytesMax = 1U << 20;

class MergedRuns final : public SortedReader {
 public:
  explicit MergedRuns(std::vector<std::unique_ptr<SortRunCursor>> cursors) : cursors_(std::move(cursors)) {}

  bool next() override {
    if (!status_) return false;
    if (!started_) {
      start();
    } else {
      leave_key();
    }
    return status_.has_value() && !heap_.empty();
  }

  [[nodiscard]] std::string_view key() const override { return heap_.front().record.key(); }
  [[nodiscard]] std::string_view value() const override { return heap_.front().record.value(); }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  struct Source {
    SortRunCursor* cursor = nullptr;
    SortRecord record;
  };

  void start() {
    started_ = true;
    for (const auto& cursor : cursors_) {
      Source source{cursor.get(), {}};
      if (advance(&source)) heap_.push_back(source);
    }
    for (std::size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
  }

  // Past the current key and the same key with lower orders.
  void leave_key() {
    key_.assign(key());
    while (!heap_.empty() && key() == key_) {
      if (!advance(&heap_.front())) {
        heap_.front() = heap_.back();
        heap_.pop_back();
      }
      sift_down(0);
    }
  }

  bool advance(Source* source) {
    const auto more = source->cursor->next(&source->record);
    if (!more) {
      if (status_) status_ = fail(more.error());
      return false;
    }
    return *more;
  }

  void sift_down(std::size_t position) {
    for (;;) {
      std::size_t smallest = position;
      for (const std::size_t child : {2 * position + 1, 2 * position + 2}) {
        if (child < heap_.size() && comes_before(heap_[child].record, heap_[smallest].record)) {
          smallest = child;
        }
      }
      if (smallest == position) return;
      std::swap(heap_[position], heap_[smallest]);
      position = smallest;
    }
  }

  const std::vector<std::unique_ptr<SortRunCursor>> cursors_;
  std::vector<Source> heap_;  // the smallest in front
  bool started_ = false;
  std::string key_;
  Result<void> status_;
};

}  // namespace

std::string run_path(const std::string& prefix, int number) {
  return prefix + std::to_string(number) + ".run";
}

ExternalSorter::ExternalSorter(FileSystem& files, std::string path_prefix, std::uint64_t memory_bytes_max,
                               RoomCheck check_room)
    : files_(files),
      path_prefix_(std::move(path_prefix)),
      memory_bytes_max_(memory_bytes_max),
      check_room_(std::move(check_room)) {}

ExternalSorter::~ExternalSorter() { INVARIANT(live_inputs_ == 0); }

void ExternalSorter::clear() {
  const std::lock_guard lock(mutex_);
  runs_.clear();
  idle_spill_files_.clear();
  held_bytes_ = 0;
}

std::uint64_t ExternalSorter::input_bytes_max() const {
  // Half for the runs being filled, half for those that were handed over.
  return memory_bytes_max_ / 2 / std::max(1U, live_inputs_.load());
}

Result<void> ExternalSorter::restore(const std::vector<SavedRun>& saved) {
  std::map<int, std::uint64_t> ends;
  for (const SavedRun& run : saved) ends[run.file] = std::max(ends[run.file], run.starts[kSortSlices]);
  std::map<int, std::shared_ptr<SpillFile>> opened;
  for (const auto& [number, end] : ends) {
    const std::string path = run_path(path_prefix_, number);
    if (!files_.exists(path)) return fail(Error::corruption(path + " is not there"));
    ASSIGN_OR_RETURN(auto file, files_.open_append(path));
    if (file->size() < end) return fail(Error::corruption(path + " is shorter than what was written"));
    RETURN_IF_ERROR(file->truncate(end));
    opened[number] = std::make_shared<SpillFile>(files_, number, path, std::move(file));
  }
  const std::lock_guard lock(mutex_);
  for (const SavedRun& run : saved) {
    bytes_ += run.starts[kSortSlices] - run.starts[0];
    runs_.push_back(std::make_unique<SortRun>(opened[run.file], run));
  }
  if (!ends.empty()) spill_files_ = ends.rbegin()->first;
  for (auto& [number, file] : opened) idle_spill_files_.push_back(std::move(file));
  return {};
}

void ExternalSorter::keep_files() {
  const std::lock_guard lock(mutex_);
  for (const auto& run : runs_) run->keep_file();
  for (const auto& file : idle_spill_files_) file->stays = true;
}

Result<std::shared_ptr<SpillFile>> ExternalSorter::take_spill_file() {
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_spill_files_.empty()) {
      auto idle = std::move(idle_spill_files_.back());
      idle_spill_files_.pop_back();
      return idle;
    }
    number = ++spill_files_;
  }
  std::string path = run_path(path_prefix_, number);
  ASSIGN_OR_RETURN(auto file, files_.open_append(path));
  return std::make_shared<SpillFile>(files_, number, std::move(path), std::move(file));
}

std::unique_ptr<SortedReader> ExternalSorter::read(std::uint32_t first, std::uint32_t end,
                                                   int readers) const {
  const std::lock_guard lock(mutex_);
  const auto buffers = std::max<std::uint64_t>(1, runs_.size() * static_cast<std::uint64_t>(readers));
  const std::uint64_t buffer_bytes =
      std::clamp(memory_bytes_max_ / 2 / buffers, kReadBufferBytesMin, kReadBufferBytesMax);
  std::vector<std::unique_ptr<SortRunCursor>> cursors;
  cursors.reserve(runs_.size());
  for (const auto& run : runs_) cursors.push_back(run->cursor(first, end, buffer_bytes));
  return std::make_unique<MergedRuns>(std::move(cursors));
}

ExternalSorter::Input::Input(ExternalSorter& sorter) : sorter_(sorter) { ++sorter_.live_inputs_; }

ExternalSorter::Input::~Input() {
  --sorter_.live_inputs_;
  if (spill_file_ == nullptr) return;
  const std::lock_guard lock(sorter_.mutex_);
  sorter_.idle_spill_files_.push_back(std::move(spill_file_));
}

Result<void> ExternalSorter::Input::add(std::string_view key, std::string_view value, std::uint64_t order) {
  const std::uint64_t bytes_max = sorter_.input_bytes_max();
  if (run_ == nullptr) {
    run_ = std::make_unique<SortRun>(std::clamp(bytes_max / 8, kBlockBytesMin, kBlockBytesMax));
  }
  run_->add(key, value, order);
  sorter_.bytes_ += key.size() + value.size();
  unsaved_bytes_ += key.size() + value.size();
  return run_->memory_bytes() >= bytes_max ? hand_over(true) : Result<void>();
}

Result<void> ExternalSorter::Input::flush() { return run_ == nullptr ? Result<void>() : hand_over(false); }

Result<std::vector<SavedRun>> ExternalSorter::Input::save() {
  if (run_ != nullptr) RETURN_IF_ERROR(hand_over(true));
  if (!unsaved_runs_.empty()) RETURN_IF_ERROR(spill_file_->file->sync());
  unsaved_bytes_ = 0;
  return std::exchange(unsaved_runs_, {});
}

Result<void> ExternalSorter::Input::hand_over(bool spill) {
  run_->sort();
  if (!spill) {
    const std::lock_guard lock(sorter_.mutex_);
    if (sorter_.held_bytes_ + run_->memory_bytes() <= sorter_.memory_bytes_max_ / 2) {
      sorter_.held_bytes_ += run_->memory_bytes();
      sorter_.runs_.push_back(std::move(run_));
      return {};
    }
  }
  if (sorter_.check_room_) RETURN_IF_ERROR(sorter_.check_room_());
  if (spill_file_ == nullptr) {
    ASSIGN_OR_RETURN(spill_file_, sorter_.take_spill_file());
  }
  RETURN_IF_ERROR(run_->spill(spill_file_));
  unsaved_runs_.push_back(run_->saved());
  const std::lock_guard lock(sorter_.mutex_);
  sorter_.runs_.push_back(std::move(run_));
  return {};
}

}  // namespace tidemark::storage
