#include "storage/history/reader.h"

#include <optional>
#include <tuple>
#include <utility>

namespace tidemark::storage {
namespace {

// Beyond so many steps a seek is cheaper.
constexpr int kStepsMax = 16;

class MergedUndoReader final : public UndoReader {
 public:
  MergedUndoReader(HistoryCursors cursors, Timestamp after) : cursors_(std::move(cursors)), after_(after) {}

  bool next() override {
    if (!merge_) {
      start();
    } else if (merge_->valid()) {
      leave_key();
    }
    if (!merge_->valid() || !merge_->status()) return false;
    key_.assign(merge_->smallest().state_key());
    return true;
  }

  [[nodiscard]] std::string_view state_key() const override { return key_; }
  [[nodiscard]] Timestamp time() const override { return merge_->smallest().time(); }
  Result<std::string_view> image() override { return merge_->smallest().image(); }
  [[nodiscard]] Result<void> status() const override { return merge_ ? merge_->status() : Result<void>(); }

 private:
  void start() {
    for (const auto& cursor : cursors_) {
      cursor->seek_to_first();
      skip_to_after(*cursor, after_, &scratch_);
    }
    merge_.emplace(std::move(cursors_));
  }

  // Every run that has the current key moves on to its next one.
  void leave_key() {
    while (merge_->valid() && merge_->smallest().state_key() == key_) {
      HistoryCursor& cursor = merge_->smallest();
      skip_key(cursor, key_);
      skip_to_after(cursor, after_, &scratch_);
      merge_->moved();
    }
  }

  HistoryCursors cursors_;  // until start()
  std::optional<HistoryMerge> merge_;
  std::string key_;  // the current one
  const Timestamp after_;
  std::string scratch_;
};

class FailedUndoReader final : public UndoReader {
 public:
  explicit FailedUndoReader(Error error) : error_(std::move(error)) {}
  bool next() override { return false; }
  [[nodiscard]] std::string_view state_key() const override { return {}; }
  [[nodiscard]] Timestamp time() const override { return {}; }
  Result<std::string_view> image() override { return fail(error_); }
  [[nodiscard]] Result<void> status() const override { return fail(error_); }

 private:
  const Error error_;
};

}  // namespace

void skip_to_after(HistoryCursor& cursor, Timestamp after, std::string* scratch) {
  int steps = 0;
  while (cursor.valid() && cursor.time() <= after) {
    if (++steps <= kStepsMax) {
      cursor.next();
    } else {
      scratch->assign(cursor.state_key());
      cursor.seek(*scratch, after.plus_micros(1));
      steps = 0;
    }
  }
}

void skip_key(HistoryCursor& cursor, std::string_view state_key) {
  int steps = 0;
  while (cursor.valid() && cursor.state_key() == state_key) {
    if (++steps <= kStepsMax) {
      cursor.next();
    } else {
      cursor.seek(state_key, kEndOfTime);
    }
  }
}

HistoryMerge::HistoryMerge(HistoryCursors cursors) : cursors_(std::move(cursors)) {
  for (const auto& cursor : cursors_) {
    if (cursor->valid()) {
      heap_.push_back({cursor.get(), cursor->state_key(), cursor->time()});
    } else if (status_) {
      status_ = cursor->status();
    }
  }
  for (std::size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
}

void HistoryMerge::sift_down(std::size_t position) {
  const auto is_before = [](const Source& a, const Source& b) {
    return std::tie(a.state_key, a.time) < std::tie(b.state_key, b.time);
  };
  for (;;) {
    std::size_t smallest = position;
    for (const std::size_t child : {2 * position + 1, 2 * position + 2}) {
      if (child < heap_.size() && is_before(heap_[child], heap_[smallest])) smallest = child;
    }
    if (smallest == position) return;
    std::swap(heap_[position], heap_[smallest]);
    position = smallest;
  }
}

void HistoryMerge::moved() {
  Source& front = heap_.front();
  if (front.cursor->valid()) {
    front.state_key = front.cursor->state_key();
    front.time = front.cursor->time();
  } else {
    if (status_) status_ = front.cursor->status();
    front = heap_.back();
    heap_.pop_back();
  }
  sift_down(0);
}

std::unique_ptr<UndoReader> make_undo_reader(HistoryCursors cursors, Timestamp after) {
  return std::make_unique<MergedUndoReader>(std::move(cursors), after);
}

std::unique_ptr<UndoReader> make_failed_undo_reader(Error error) {
  return std::make_unique<FailedUndoReader>(std::move(error));
}

}  // namespace tidemark::storage
