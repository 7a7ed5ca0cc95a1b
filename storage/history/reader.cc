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
  [[nodiscard]] wal::Origin origin() const override { return merge_->smallest().origin(); }
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

// From the last key to the first. A key costs two seeks in each run that has it: for pages of a query, not
// for walks over tables.
class BackwardUndoReader final : public UndoReader {
 public:
  BackwardUndoReader(HistoryCursors cursors, Timestamp after) : cursors_(std::move(cursors)), after_(after) {}

  bool next() override {
    for (const auto& cursor : cursors_) {
      if (!is_started_) {
        cursor->seek_to_last();
        settle(*cursor);
      } else if (cursor->valid() && cursor->state_key() == key_) {
        cursor->seek_before(key_);
        settle(*cursor);
      }
    }
    is_started_ = true;
    if (!find_last_key()) return false;
    current_ = nullptr;
    for (const auto& cursor : cursors_) {
      if (!cursor->valid() || cursor->state_key() != key_) continue;
      cursor->seek(key_, after_.plus_micros(1));
      if (!cursor->valid()) return keep_error(*cursor);
      if (current_ == nullptr || cursor->time() < current_->time()) current_ = cursor.get();
    }
    return true;
  }

  [[nodiscard]] std::string_view state_key() const override { return key_; }
  [[nodiscard]] Timestamp time() const override { return current_->time(); }
  [[nodiscard]] wal::Origin origin() const override { return current_->origin(); }
  Result<std::string_view> image() override { return current_->image(); }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  // Goes on, towards the first key, to one with a record after the moment. The cursor stands on the last
  // record of a key, or nowhere.
  void settle(HistoryCursor& cursor) {
    while (cursor.valid() && cursor.time() <= after_) {
      scratch_.assign(cursor.state_key());
      cursor.seek_before(scratch_);
    }
    if (!cursor.valid()) keep_error(cursor);
  }

  bool keep_error(const HistoryCursor& cursor) {
    if (status_) status_ = cursor.status();
    return false;
  }

  bool find_last_key() {
    const HistoryCursor* last = nullptr;
    for (const auto& cursor : cursors_) {
      if (cursor->valid() && (last == nullptr || cursor->state_key() > last->state_key()))
        last = cursor.get();
    }
    if (last == nullptr || !status_) return false;
    key_.assign(last->state_key());
    return true;
  }

  const HistoryCursors cursors_;
  const Timestamp after_;
  bool is_started_ = false;
  HistoryCursor* current_ = nullptr;  // has the first record of the key
  std::string key_;
  std::string scratch_;
  Result<void> status_;
};

class FailedUndoReader final : public UndoReader {
 public:
  explicit FailedUndoReader(Error error) : error_(std::move(error)) {}
  bool next() override { return false; }
  [[nodiscard]] std::string_view state_key() const override { return {}; }
  [[nodiscard]] Timestamp time() const override { return {}; }
  [[nodiscard]] wal::Origin origin() const override { return kUnknownOrigin; }
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
      heap_.push_back({cursor.get(), cursor->state_key(), cursor->time(), heap_.size()});
    } else if (status_) {
      status_ = cursor->status();
    }
  }
  for (std::size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
}

void HistoryMerge::sift_down(std::size_t position) {
  const auto is_before = [](const Source& a, const Source& b) {
    return std::tie(a.state_key, a.time, a.order) < std::tie(b.state_key, b.time, b.order);
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

std::unique_ptr<UndoReader> make_undo_reader(HistoryCursors cursors, Timestamp after,
                                             ReadDirection direction) {
  if (direction == ReadDirection::kBackward) {
    return std::make_unique<BackwardUndoReader>(std::move(cursors), after);
  }
  return std::make_unique<MergedUndoReader>(std::move(cursors), after);
}

std::unique_ptr<UndoReader> make_failed_undo_reader(Error error) {
  return std::make_unique<FailedUndoReader>(std::move(error));
}

}  // namespace tidemark::storage
