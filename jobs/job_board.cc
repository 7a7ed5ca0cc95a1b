#include "jobs/job_board.h"

#include <algorithm>

namespace tidemark::jobs {

std::shared_ptr<JobProgress> JobBoard::begin(const std::string& id) {
  auto progress = std::make_shared<JobProgress>();
  const std::lock_guard lock(mutex_);
  std::erase(ended_, id);
  progress_[id] = progress;
  return progress;
}

void JobBoard::end(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ended_.push_back(id);
  if (ended_.size() <= kEndedMax) return;
  progress_.erase(ended_.front());
  ended_.pop_front();
}

void JobBoard::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  progress_.erase(id);
}

std::shared_ptr<const JobProgress> JobBoard::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = progress_.find(id);
  return found == progress_.end() ? nullptr : found->second;
}

}  // namespace tidemark::jobs
