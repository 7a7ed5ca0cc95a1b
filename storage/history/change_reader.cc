#include "storage/history/change_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/history/reader.h"

namespace tidemark::storage {
namespace {

// The first record behind the window of one key after the other, in ascending order.
class LaterRecords {
 public:
  explicit LaterRecords(std::vector<LaterRun> runs) {
    std::sort(runs.begin(), runs.end(),
              [](const LaterRun& a, const LaterRun& b) { return a.first_time < b.first_time; });
    for (LaterRun& run : runs) runs_.push_back({std::move(run), nullptr});
  }

  // The cursor that stands on the first record of the key with a time above `after` and below `before`; null
  // when there is none.
  Result<HistoryCursor*> find(std::string_view state_key, Timestamp after, Timestamp before) {
    HistoryCursor* first = nullptr;
    for (Run& run : runs_) {
      if (run.source.first_time >= before) break;
      if (run.cursor == nullptr) {
        ASSIGN_OR_RETURN(run.cursor, run.source.open());
      }
      run.cursor->seek(state_key, after.plus_micros(1));
      if (!run.cursor->valid()) {
        RETURN_IF_ERROR(run.cursor->status());
        continue;
      }
      if (run.cursor->state_key() != state_key || run.cursor->time() >= before) continue;
      first = run.cursor.get();
      before = first->time();
    }
    return first;
  }

 private:
  struct Run {
    LaterRun source;
    std::unique_ptr<HistoryCursor> cursor;
  };
  std::vector<Run> runs_;
};

class MergedChangedKeyReader final : public ChangedKeyReader {
 public:
  MergedChangedKeyReader(HistoryCursors in_window, std::vector<LaterRun> later, Timestamp from, Timestamp to)
      : cursors_(std::move(in_window)), later_(std::move(later)), from_(from), to_(to) {}

  bool next() override {
    if (!status_) return false;
    if (!merge_) start();
    while (merge_->valid()) {
      key_.assign(merge_->smallest().state_key());
      const Result<bool> changed = read_key();
      if (!changed) {
        status_ = fail(changed.error());
        return false;
      }
      if (*changed) return true;
    }
    status_ = merge_->status();
    return false;
  }

  [[nodiscard]] std::string_view state_key() const override { return key_; }
  [[nodiscard]] Timestamp last_time() const override { return last_time_; }
  [[nodiscard]] wal::Origin last_origin() const override { return last_origin_; }
  [[nodiscard]] std::string_view old_image() const override { return old_image_; }
  [[nodiscard]] const std::optional<std::string>& new_image() const override { return new_image_; }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  void start() {
    for (const auto& cursor : cursors_) {
      cursor->seek_to_first();
      skip_to_after(*cursor, from_, &scratch_);
    }
    merge_.emplace(std::move(cursors_));
  }

  [[nodiscard]] bool on_key() const { return merge_->valid() && merge_->smallest().state_key() == key_; }

  // Reads all records of the current key and leaves it. False: none is in the window. No run may leave the
  // key before all have been looked at: the window may begin in one and end in another.
  Result<bool> read_key() {
    bool changed = false;
    for (; on_key() && merge_->smallest().time() <= to_; advance()) {
      HistoryCursor& record = merge_->smallest();
      last_time_ = record.time();
      last_origin_ = record.origin();
      if (changed) continue;
      changed = true;
      ASSIGN_OR_RETURN(const std::string_view image, record.image());
      old_image_.assign(image);
    }
    if (changed) RETURN_IF_ERROR(find_new_image());
    leave_key();
    return changed;
  }

  // What the first record behind the window undoes, wherever it is.
  Result<void> find_new_image() {
    new_image_.reset();
    HistoryCursor* first = on_key() ? &merge_->smallest() : nullptr;
    ASSIGN_OR_RETURN(HistoryCursor* const later,
                     later_.find(key_, to_, first != nullptr ? first->time() : kEndOfTime));
    if (later != nullptr) first = later;
    if (first == nullptr) return {};
    ASSIGN_OR_RETURN(const std::string_view image, first->image());
    new_image_.emplace(image);
    return {};
  }

  void advance() {
    HistoryCursor& cursor = merge_->smallest();
    cursor.next();
    skip_to_after(cursor, from_, &scratch_);
    merge_->moved();
  }

  void leave_key() {
    while (on_key()) {
      HistoryCursor& cursor = merge_->smallest();
      skip_key(cursor, key_);
      skip_to_after(cursor, from_, &scratch_);
      merge_->moved();
    }
  }

  HistoryCursors cursors_;  // until start()
  std::optional<HistoryMerge> merge_;
  LaterRecords later_;
  const Timestamp from_;
  const Timestamp to_;
  std::string key_;  // the current one
  Timestamp last_time_;
  wal::Origin last_origin_ = wal::Origin::kClient;
  std::string old_image_;
  std::optional<std::string> new_image_;
  std::string scratch_;
  Result<void> status_;
};

}  // namespace

std::unique_ptr<ChangedKeyReader> make_changed_key_reader(HistoryCursors in_window,
                                                          std::vector<LaterRun> later, Timestamp from,
                                                          Timestamp to) {
  return std::make_unique<MergedChangedKeyReader>(std::move(in_window), std::move(later), from, to);
}

}  // namespace tidemark::storage
