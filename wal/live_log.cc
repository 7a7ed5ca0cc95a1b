#include "wal/live_log.h"

#include <algorithm>
#include <utility>

#include "wal/segment_format.h"

namespace tidemark::wal {

LiveLog::LiveLog(std::string directory, FileSystem& files, SequenceNumber last)
    : directory_(std::move(directory)), files_(files), published_(number(last)) {}

Result<std::unique_ptr<LiveLog>> LiveLog::open(std::string directory, FileSystem& files,
                                               SequenceNumber last) {
  std::unique_ptr<LiveLog> log(new LiveLog(std::move(directory), files, last));
  ASSIGN_OR_RETURN(const auto segments, list_segments(log->directory_, files));
  log->first_held_ = segments.empty() ? next(last) : segments.front();
  return log;
}

// Sequentially consistent, as in wait_beyond(): of "publish, then look for sleepers" and "announce sleep,
// then look for records" at least one must see the other, or a sleeper is never woken.
void LiveLog::publish(SequenceNumber last) {
  published_.store(number(last));
  if (waiting_.load() == 0) return;
  // Whoever has looked for records in vain sleeps by the time the mutex is free.
  { const std::lock_guard lock(wait_mutex_); }
  published_more_.notify_all();
}

bool LiveLog::wait_beyond(SequenceNumber seen, const std::stop_token& stop) const {
  std::unique_lock lock(wait_mutex_);
  waiting_.fetch_add(1);
  const bool is_more = published_more_.wait(lock, stop, [&] { return published() > seen; });
  waiting_.fetch_sub(1);
  return is_more;
}

Result<std::unique_ptr<LiveLog::Place>> LiveLog::hold(SequenceNumber from) {
  const std::lock_guard lock(mutex_);
  if (from < first_held_) {
    return fail(Error::not_found("record " + std::to_string(number(from)) +
                                 " of the log is no longer held, only records from " +
                                 std::to_string(number(first_held_)) + " on"));
  }
  if (from > next(published())) {
    return fail(Error::invalid_argument("record " + std::to_string(number(from)) +
                                        " of the log is beyond its last one, " +
                                        std::to_string(number(published()))));
  }
  std::unique_ptr<Place> place(new Place(*this, from));
  places_.insert(from);
  return place;
}

LiveLog::Place::~Place() {
  const std::lock_guard lock(log_.mutex_);
  log_.places_.erase(log_.places_.find(from_));
}

void LiveLog::Place::move_forward(SequenceNumber from) {
  const std::lock_guard lock(log_.mutex_);
  if (from <= from_) return;
  log_.places_.erase(log_.places_.find(from_));
  log_.places_.insert(from);
  from_ = from;
}

SequenceNumber LiveLog::first_held() const {
  const std::lock_guard lock(mutex_);
  return first_held_;
}

Result<int> LiveLog::trim(const std::function<LogNeed()>& need) {
  ASSIGN_OR_RETURN(const auto segments, give_up(need));
  if (segments.empty()) return 0;
  // After a power loss, the segments that stay must be found where these are not any more: a directory
  // without any is damaged.
  RETURN_IF_ERROR(files_.sync_directory(directory_));
  for (const SegmentSpan& segment : segments) {
    RETURN_IF_ERROR(files_.remove(directory_ + '/' + segment_name(segment.first)));
  }
  return static_cast<int>(segments.size());
}

// Files are read before the lock is taken; who asks for something is known only under it.
Result<std::vector<SegmentSpan>> LiveLog::give_up(const std::function<LogNeed()>& need) {
  ASSIGN_OR_RETURN(auto segments, unneeded_segments(directory_, files_, need()));
  const std::lock_guard lock(mutex_);
  LogNeed all = need();
  if (!places_.empty()) all.after = std::min(all.after, previous(*places_.begin()));
  keep_unneeded(all, &segments);
  if (!segments.empty()) first_held_ = segments.back().end;
  return segments;
}

}  // namespace tidemark::wal
