#include "wal/writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/release_memory.h"

namespace tidemark::wal {
namespace {

// A burst of large transactions should not keep its memory for ever.
constexpr std::size_t kBufferBytesKept = 4U << 20;

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::string& directory, FileSystem& files,
                                             SequenceNumber next) {
  std::unique_ptr<Writer> writer(new Writer(directory, files));
  ASSIGN_OR_RETURN(writer->folder_, files.open_directory(directory));
  ASSIGN_OR_RETURN(writer->segment_, writer->begin_segment(next));
  writer->first_ = next;
  return writer;
}

Result<std::shared_ptr<File>> Writer::begin_segment(SequenceNumber first) {
  const std::string path = directory_ + '/' + segment_name(first);
  // One that an earlier process began and never wrote to is replaced.
  if (files_.exists(path)) {
    ASSIGN_OR_RETURN(const auto earlier, files_.open_read(path));
    if (earlier->size() > kSegmentHeaderBytes) {
      return fail(Error::corruption(path + " has records where a new segment should begin"));
    }
  }
  // It gets its name last. A reader that looks for segments meanwhile must not find one without a header, and
  // one that could not be begun must not stand between the records of the current segment and a later one.
  const std::string unnamed = directory_ + '/' + kUnnamedSegment;
  ASSIGN_OR_RETURN(std::shared_ptr<File> segment, files_.open_append(unnamed));
  if (segment->size() > 0) RETURN_IF_ERROR(segment->truncate(0));
  RETURN_IF_ERROR(segment->append(segment_header(first)));
  RETURN_IF_ERROR(files_.rename(unnamed, path));
  return segment;
}

Result<void> Writer::append(const std::vector<std::string>& payloads, std::uint64_t* offset) {
  if (broken_) return fail(Error::io("the change log is broken since an earlier error"));
  buffer_.clear();
  for (const std::string& payload : payloads) append_frame(&buffer_, payload);

  File& segment = *segment_;
  undo_bytes_ = segment.size();
  *offset = undo_bytes_ + kFrameHeaderBytes;
  auto appended = segment.append(buffer_);
  if (buffer_.capacity() > kBufferBytesKept) release_memory(&buffer_);
  if (appended) return {};
  if (const auto cut = cut_last_append(); !cut) {
    broken_ = true;
    log::error("a torn write stays in the change log", {{"error", cut.error().message}});
  }
  return appended;
}

void Writer::undo_append() {
  broken_ = true;
  if (const auto cut = cut_last_append(); !cut) {
    log::error("an unsynced write stays in the change log", {{"error", cut.error().message}});
  }
}

Result<void> Writer::cut_last_append() {
  RETURN_IF_ERROR(segment_->truncate(undo_bytes_));
  const std::lock_guard lock(mutex_);
  synced_bytes_ = std::min(synced_bytes_, undo_bytes_);
  ++cuts_;
  return {};
}

Result<void> Writer::sync() {
  std::unique_lock lock(mutex_);
  // A later segment must never be called safe without all of the earlier one.
  while (unsettled_ != nullptr) {
    lock.unlock();
    RETURN_IF_ERROR(settle());
    lock.lock();
  }
  const std::shared_ptr<File> segment = segment_;
  const bool sync_directory = !directory_synced_;
  const std::uint64_t cuts = cuts_;
  const std::uint64_t bytes = segment->size();
  if (bytes <= synced_bytes_) return {};
  lock.unlock();

  RETURN_IF_ERROR(segment->sync());
  if (sync_directory) RETURN_IF_ERROR(folder_->sync());

  lock.lock();
  if (segment != segment_) return {};
  directory_synced_ = true;
  // Behind a cut there may be other bytes now than those that were synced.
  if (cuts == cuts_) synced_bytes_ = std::max(synced_bytes_, bytes);
  return {};
}

// Whoever comes meanwhile waits: what it wants to be safe lies behind.
Result<void> Writer::settle() {
  const std::lock_guard settling(settle_mutex_);
  std::unique_lock lock(mutex_);
  if (unsettled_ == nullptr) return {};
  const std::shared_ptr<File> segment = unsettled_;
  const std::string note = directory_ + '/' + unsettled_name(unsettled_first_);
  lock.unlock();

  RETURN_IF_ERROR(segment->sync());
  RETURN_IF_ERROR(files_.remove(note));

  lock.lock();
  unsettled_ = nullptr;
  return {};
}

Result<void> Writer::prepare_rotation() {
  RETURN_IF_ERROR(sync());
  std::unique_lock lock(mutex_);
  if (rotation_prepared_ || segment_->size() <= kSegmentHeaderBytes) return {};
  const std::string note = directory_ + '/' + unsettled_name(first_);
  lock.unlock();

  // It must be there after any power loss that the next segment outlives.
  RETURN_IF_ERROR(files_.open_append(note));
  RETURN_IF_ERROR(folder_->sync());

  lock.lock();
  rotation_prepared_ = true;
  return {};
}

Result<void> Writer::rotate(SequenceNumber next) {
  if (broken_) return fail(Error::io("the change log is broken since an earlier error"));
  if (segment_->size() <= kSegmentHeaderBytes) return {};
  std::unique_lock lock(mutex_);
  const bool is_prepared = rotation_prepared_;
  lock.unlock();
  if (!is_prepared) RETURN_IF_ERROR(sync());
  ASSIGN_OR_RETURN(auto segment, begin_segment(next));
  undo_bytes_ = kSegmentHeaderBytes;

  lock.lock();
  if (is_prepared) {
    INVARIANT(unsettled_ == nullptr);  // the preparation settled it
    unsettled_ = segment_;
    unsettled_first_ = first_;
  }
  segment_ = std::move(segment);
  first_ = next;
  directory_synced_ = false;
  synced_bytes_ = kSegmentHeaderBytes;
  rotation_prepared_ = false;
  return {};
}

std::shared_ptr<File> Writer::segment() const {
  const std::lock_guard lock(mutex_);
  return segment_;
}

std::uint64_t Writer::segment_bytes() const { return segment()->size(); }

}  // namespace tidemark::wal
