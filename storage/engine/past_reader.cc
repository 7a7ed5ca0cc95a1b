#include "storage/engine/past_reader.h"

#include <utility>

namespace tidemark::storage {

bool PastReader::next() {
  if (!status_) return false;
  if (!started_) {
    started_ = true;
    direction_ == ReadDirection::kForward ? live_->seek_to_first() : live_->seek_to_last();
    undo_valid_ = undo_ != nullptr && undo_->next();
  } else {
    leave_item();
  }
  while (check_status() && (live_->valid() || undo_valid_)) {
    if (load_item()) return true;
    if (!status_) return false;
    leave_item();
  }
  return false;
}

void PastReader::leave_item() {
  if (on_live_) direction_ == ReadDirection::kForward ? live_->next() : live_->previous();
  if (on_undo_) undo_valid_ = undo_->next();
}

bool PastReader::check_status() {
  if (!live_->valid()) keep_error(live_->status());
  if (undo_ != nullptr && !undo_valid_) keep_error(undo_->status());
  return status_.has_value();
}

void PastReader::keep_error(Result<void> result) {
  if (status_ && !result) status_ = std::move(result);
}

bool PastReader::load_item() {
  int order = !undo_valid_ ? -1 : !live_->valid() ? 1 : live_->key().compare(undo_->state_key());
  if (direction_ == ReadDirection::kBackward && undo_valid_ && live_->valid()) order = -order;
  on_live_ = order <= 0;
  on_undo_ = order >= 0;
  std::string_view record;
  if (on_undo_) {
    const auto image = undo_->image();
    if (!image) {
      status_ = fail(image.error());
      return false;
    }
    if (image->empty()) return false;
    record = *image;
  } else {
    record = live_->value();
  }
  const auto item = parse_stored(record);
  if (!item) {
    status_ = fail(item.error());
    return false;
  }
  item_ = *item;
  // Items of a bulk load leave no undo records, but they cannot be older than themselves.
  return item_.write_time <= time_;
}

}  // namespace tidemark::storage
