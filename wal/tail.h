// Reads the log while it is being written: from any record that is still held, up to the last one that is
// published, and on from there.
//
//   ASSIGN_OR_RETURN(const auto tail, wal::Tail::open(log, from));
//   while (tail->wait(stop)) {
//     ASSIGN_OR_RETURN(const bool found, tail->next());
//     if (found) use(tail->record());
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "wal/live_log.h"
#include "wal/record.h"
#include "wal/segment_reader.h"

namespace tidemark::wal {

// Sees published records only: never one whose append may still be taken back. Checksums are verified. What
// it has not read yet stays in the log while it lives, so do not leave one standing. Used by one thread; any
// number of tails may read at once, and none holds up a writer.
class Tail {
 public:
  // The first record will be `from`; it may be the one behind the last. `log` must outlive the tail.
  // Errors: as LiveLog::hold() and next().
  static Result<std::unique_ptr<Tail>> open(LiveLog& log, SequenceNumber from);

  // True: record() is the next one. False: nothing more is published yet. Errors: kCorruption, naming file
  // and offset; kIo. After one, every call returns it again.
  Result<bool> next();
  // What next() found; valid until it is called again.
  [[nodiscard]] const RecordView& record() const { return record_; }
  // The number of the record that next() will find.
  [[nodiscard]] SequenceNumber position() const { return next_; }

  // Blocks until next() will find a record: true; or until `stop` is requested: false.
  [[nodiscard]] bool wait(const std::stop_token& stop) const {
    return log_.wait_beyond(previous(next_), stop);
  }

 private:
  Tail(LiveLog& log, std::unique_ptr<LiveLog::Place> place, SequenceNumber from)
      : log_(log), place_(std::move(place)), next_(from) {}
  Result<bool> read_next();
  // Opens the segment that begins with `first`.
  Result<void> open_segment(SequenceNumber first);
  // Stands on the record `from` of the open segment.
  Result<void> skip_to(SequenceNumber from);
  // The payload of the record next_, which is published.
  Result<std::string_view> read_published();

  LiveLog& log_;
  const std::unique_ptr<LiveLog::Place> place_;
  SequenceNumber next_;
  std::optional<SegmentReader> segment_;
  std::uint64_t offset_ = 0;  // where the frame of next_ begins in the segment, unless the segment ends there
  // What was read ahead is final up to this record.
  SequenceNumber final_through_{};
  RecordView record_;
  std::optional<Error> failure_;
};

}  // namespace tidemark::wal
