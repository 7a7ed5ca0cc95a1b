// Tells a running job to end early, and why.
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>

#include "jobs/job_outcome.h"

namespace tidemark::jobs {

// What the job looks at. A default one never asks. Copies look at the same request; thread-safe.
class JobStop {
 public:
  JobStop() = default;

  [[nodiscard]] bool requested() const { return token_.stop_requested(); }
  // For run_parallel() and for waits.
  [[nodiscard]] const std::stop_token& token() const { return token_; }
  // What a job returns that has noticed the request.
  [[nodiscard]] JobFailure failure() const {
    return cancelled_ && cancelled_->load() ? JobFailure::cancelled() : JobFailure::interrupted();
  }

 private:
  friend class JobStopSource;
  JobStop(std::stop_token token, std::shared_ptr<const std::atomic<bool>> cancelled)
      : token_(std::move(token)), cancelled_(std::move(cancelled)) {}

  std::stop_token token_;
  std::shared_ptr<const std::atomic<bool>> cancelled_;  // null: never
};

// What asks. A job that was cancelled stays cancelled when the process ends as well. Thread-safe.
class JobStopSource {
 public:
  void interrupt() { source_.request_stop(); }
  void cancel() {
    // The reason first: a job that sees the request must find it.
    cancelled_->store(true);
    source_.request_stop();
  }
  [[nodiscard]] JobStop stop() const { return {source_.get_token(), cancelled_}; }

 private:
  std::stop_source source_;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace tidemark::jobs
