// The log as its readers see it while it is being written: how far they may read, and what may not be dropped
// because somebody reads it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"
#include "wal/retention.h"

namespace tidemark::wal {

// Thread-safety: publish() by one thread at a time; everything else may be called concurrently. No method
// waits for a commit. Must outlive its places and tails.
class LiveLog {
 public:
  // On the log in `directory`, with `last` as its last record: after replay, with the segment that new
  // records go to begun. The caller keeps `files` alive. Errors: kIo.
  static Result<std::unique_ptr<LiveLog>> open(std::string directory, FileSystem& files, SequenceNumber last);

  // Everything up to `last` may be seen: it is in the log for good, and applied. Costs two atomic operations
  // while nobody waits.
  void publish(SequenceNumber last);
  [[nodiscard]] SequenceNumber published() const { return SequenceNumber{published_.load()}; }
  // Blocks until a record above `seen` is published: true; or until `stop` is requested: false.
  [[nodiscard]] bool wait_beyond(SequenceNumber seen, const std::stop_token& stop) const;

  // Records from some number on stay in the log while a place stands before them.
  class Place {
   public:
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    // Lets go of the records below `from`.
    void move_forward(SequenceNumber from);

   private:
    friend class LiveLog;
    Place(LiveLog& log, SequenceNumber from) : log_(log), from_(from) {}
    LiveLog& log_;
    SequenceNumber from_;  // guarded by log_.mutex_
  };
  // Errors: kNotFound, saying from where on records are held; kInvalidArgument when `from` is more than one
  // above the last published record.
  Result<std::unique_ptr<Place>> hold(SequenceNumber from);
  // The oldest record that is still held, or the next one when there is none.
  [[nodiscard]] SequenceNumber first_held() const;

  // Unlinks the segments that neither `need` nor a place asks for, from the front; the newest one always
  // stays. Whoever holds such a file open keeps reading it. Nobody else waits for the disk meanwhile. `need`
  // is asked at last while nobody can take a place; it must not call the log. Returns how many. By one thread
  // at a time. Errors: kIo, kCorruption: what is left goes the next time.
  Result<int> trim(const std::function<LogNeed()>& need);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] FileSystem& files() const { return files_; }

 private:
  LiveLog(std::string directory, FileSystem& files, SequenceNumber last);

  const std::string directory_;
  FileSystem& files_;

  std::atomic<std::uint64_t> published_;
  mutable std::atomic<int> waiting_ = 0;
  mutable std::mutex wait_mutex_;
  mutable std::condition_variable_any published_more_;

  // Gives up the segments that nobody asks for, and returns them.
  Result<std::vector<SegmentSpan>> give_up(const std::function<LogNeed()>& need);

  mutable std::mutex mutex_;              // short
  SequenceNumber first_held_{};           // guarded by mutex_, as is the next
  std::multiset<SequenceNumber> places_;  // where each of them stands
};

}  // namespace tidemark::wal
