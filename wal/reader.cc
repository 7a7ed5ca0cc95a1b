#include "wal/reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "wal/segment_format.h"

namespace tidemark::wal {
namespace {

constexpr std::size_t kReadBytes = 1U << 20;
constexpr std::size_t kPayloadBytesMin = 18;

// A window onto a file that moves forward.
class FileWindow {
 public:
  explicit FileWindow(const File& file) : file_(file) {}

  // The bytes at `offset`, fewer than `size` only at the end of the file. Valid until the next call.
  Result<std::string_view> bytes(std::uint64_t offset, std::size_t size) {
    if (offset < start_ || offset + size > start_ + filled_) RETURN_IF_ERROR(fill(offset, size));
    const auto skip = static_cast<std::size_t>(offset - start_);
    return std::string_view(buffer_).substr(skip, std::min(size, filled_ - skip));
  }

 private:
  Result<void> fill(std::uint64_t offset, std::size_t size) {
    const std::uint64_t left = file_.size() > offset ? file_.size() - offset : 0;
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size, kReadBytes), left)));
    start_ = offset;
    ASSIGN_OR_RETURN(filled_, file_.read_at(offset, buffer_.data(), buffer_.size()));
    return {};
  }

  const File& file_;
  std::string buffer_;
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
};

// Replays segment after segment, in order.
class Replay {
 public:
  Replay(const std::string& directory, FileSystem& files, SequenceNumber after,
         const std::function<Result<void>(const ReplayedRecord&)>& visit)
      : directory_(directory), files_(files), after_(after), visit_(visit) {}

  Result<ReplaySummary> run();

 private:
  Result<void> read_segment(SequenceNumber first, bool is_last);
  Result<bool> read_frame(FileWindow* window, const std::shared_ptr<const File>& segment,
                          std::uint64_t* offset);
  Result<void> visit_record(const std::shared_ptr<const File>& segment, std::uint64_t offset,
                            std::string_view payload);
  Result<bool> has_frame_behind(FileWindow* window, std::uint64_t size, std::uint64_t offset) const;
  Result<void> cut_tail(const std::string& path, std::uint64_t size, std::uint64_t valid_bytes);
  [[nodiscard]] Error corrupt(std::uint64_t offset, std::string_view what) const {
    return Error::corruption(path_ + " at offset " + std::to_string(offset) + ": " + std::string(what));
  }

  const std::string& directory_;
  FileSystem& files_;
  const SequenceNumber after_;
  const std::function<Result<void>(const ReplayedRecord&)>& visit_;
  ReplaySummary summary_;
  std::string path_;  // of the segment being read
  RecordView record_;
};

Result<ReplaySummary> Replay::run() {
  ASSIGN_OR_RETURN(const auto segments, list_segments(directory_, files_));
  if (segments.empty()) {
    if (number(after_) > 0) {
      return fail(Error::corruption(directory_ + " has no log segment, but records up to " +
                                    std::to_string(number(after_)) + " were written"));
    }
    return summary_;
  }
  std::size_t begin = 0;
  while (begin + 1 < segments.size() && number(segments[begin + 1]) <= number(after_) + 1) ++begin;
  if (number(segments[begin]) > number(after_) + 1) {
    return fail(Error::corruption("the log segment with record " + std::to_string(number(after_) + 1) +
                                  " is missing in " + directory_));
  }
  summary_.last = SequenceNumber{number(segments[begin]) - 1};
  for (std::size_t i = begin; i < segments.size(); ++i) {
    if (number(segments[i]) != number(summary_.last) + 1) {
      return fail(Error::corruption("the log segment with record " +
                                    std::to_string(number(summary_.last) + 1) + " is missing before " +
                                    directory_ + '/' + segment_name(segments[i])));
    }
    RETURN_IF_ERROR(read_segment(segments[i], i + 1 == segments.size()));
  }
  return summary_;
}

Result<void> Replay::read_segment(SequenceNumber first, bool is_last) {
  path_ = directory_ + '/' + segment_name(first);
  ASSIGN_OR_RETURN(const std::shared_ptr<const File> segment, files_.open_read(path_));
  if (is_last && segment->size() > kSegmentHeaderBytes) {
    // Written, but perhaps not safe: what is derived from a record, or a later segment, must never be on disk
    // without it.
    ASSIGN_OR_RETURN(const auto file, files_.open_append(path_));
    RETURN_IF_ERROR(file->sync());
  }
  FileWindow window(*segment);
  ASSIGN_OR_RETURN(const auto header, window.bytes(0, kSegmentHeaderBytes));
  std::uint64_t offset = 0;
  if (header.size() == kSegmentHeaderBytes || !is_last) {
    RETURN_IF_ERROR(check_segment_header(path_, header, first));
    offset = kSegmentHeaderBytes;
    bool good = true;
    while (good) {
      ASSIGN_OR_RETURN(good, read_frame(&window, segment, &offset));
    }
  }
  if (offset == segment->size()) return {};
  if (!is_last) return fail(corrupt(offset, "a record is damaged"));
  ASSIGN_OR_RETURN(const bool damaged, has_frame_behind(&window, segment->size(), offset));
  if (damaged) return fail(corrupt(offset, "a record is damaged, and there are valid ones behind it"));
  return cut_tail(path_, segment->size(), offset);
}

// False where the valid frames end.
Result<bool> Replay::read_frame(FileWindow* window, const std::shared_ptr<const File>& segment,
                                std::uint64_t* offset) {
  ASSIGN_OR_RETURN(const auto header, window->bytes(*offset, kFrameHeaderBytes));
  if (header.size() < kFrameHeaderBytes) return false;
  const std::uint32_t length = read_u32_le(header.data() + 4);
  if (length < kPayloadBytesMin || length > segment->size() - *offset - kFrameHeaderBytes) return false;
  ASSIGN_OR_RETURN(const auto frame, window->bytes(*offset, kFrameHeaderBytes + length));
  if (frame.size() < kFrameHeaderBytes + length) return false;
  const auto payload = frame.substr(kFrameHeaderBytes);
  if (!frame_is_valid(frame.substr(0, kFrameHeaderBytes), payload)) return false;
  RETURN_IF_ERROR(visit_record(segment, *offset + kFrameHeaderBytes, payload));
  *offset += kFrameHeaderBytes + length;
  return true;
}

Result<void> Replay::visit_record(const std::shared_ptr<const File>& segment, std::uint64_t offset,
                                  std::string_view payload) {
  if (!parse_payload(payload, &record_)) return fail(corrupt(offset, "a record does not parse"));
  if (number(record_.sequence) != number(summary_.last) + 1) {
    return fail(corrupt(offset, "expected record " + std::to_string(number(summary_.last) + 1) + ", found " +
                                    std::to_string(number(record_.sequence))));
  }
  summary_.last = record_.sequence;
  summary_.last_commit_time = record_.commit_time;
  if (number(record_.sequence) <= number(after_)) return {};
  summary_.records += 1;
  summary_.bytes += payload.size();
  return visit_({record_, segment, offset, payload});
}

// Looks for a later record of this log behind the damage at `offset`. The sequence number is compared before
// the checksum is computed, so that this takes one pass.
Result<bool> Replay::has_frame_behind(FileWindow* window, std::uint64_t size, std::uint64_t offset) const {
  constexpr std::size_t kProbeBytes = kFrameHeaderBytes + 8;
  const std::uint64_t records_max = (size - offset) / (kFrameHeaderBytes + kPayloadBytesMin) + 1;
  for (std::uint64_t at = offset + 1; at + kFrameHeaderBytes + kPayloadBytesMin <= size; ++at) {
    ASSIGN_OR_RETURN(const auto probe, window->bytes(at, kProbeBytes));
    const std::uint32_t length = read_u32_le(probe.data() + 4);
    if (length < kPayloadBytesMin || length > size - at - kFrameHeaderBytes) continue;
    const std::uint64_t sequence = read_u64_le(probe.data() + kFrameHeaderBytes);
    if (sequence <= number(summary_.last) || sequence > number(summary_.last) + records_max) continue;
    ASSIGN_OR_RETURN(const auto frame, window->bytes(at, kFrameHeaderBytes + length));
    if (frame.size() == kFrameHeaderBytes + length &&
        frame_is_valid(frame.substr(0, kFrameHeaderBytes), frame.substr(kFrameHeaderBytes))) {
      return true;
    }
  }
  return false;
}

Result<void> Replay::cut_tail(const std::string& path, std::uint64_t size, std::uint64_t valid_bytes) {
  log::warn("cutting off a torn write at the end of the change log",
            {{"file", path}, {"offset", valid_bytes}, {"bytes", size - valid_bytes}});
  ASSIGN_OR_RETURN(const auto file, files_.open_append(path));
  RETURN_IF_ERROR(file->truncate(valid_bytes));
  return file->sync();
}

}  // namespace

Result<ReplaySummary> replay(const std::string& directory, FileSystem& files, SequenceNumber after,
                             const std::function<Result<void>(const ReplayedRecord&)>& visit) {
  return Replay(directory, files, after, visit).run();
}

}  // namespace tidemark::wal
