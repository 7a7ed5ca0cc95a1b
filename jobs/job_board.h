// Where one can look how far each job is: those that wait or run, and the last ones that ended.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "jobs/job_progress.h"

namespace tidemark::jobs {

// Held in memory: after a restart nothing is known of jobs that ended before. Thread-safety: all methods may
// be called concurrently.
class JobBoard {
 public:
  // Ended jobs that stay on the board; the record of each remembers its totals for longer.
  static constexpr std::size_t kEndedMax = 100;

  // A job that is there already, because it begins again, starts from nothing.
  std::shared_ptr<JobProgress> begin(const std::string& id);
  void end(const std::string& id);
  // Takes off what never ran.
  void remove(const std::string& id);
  // Null when there is none.
  [[nodiscard]] std::shared_ptr<const JobProgress> find(std::string_view id) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<JobProgress>, std::less<>> progress_;  // guarded by mutex_
  std::deque<std::string> ended_;  // guarded by mutex_; oldest first
};

}  // namespace tidemark::jobs
