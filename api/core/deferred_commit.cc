#include "api/core/deferred_commit.h"

#include <utility>

namespace tidemark::api {

ApiError commit_error(const Error& error) {
  return error.code == ErrorCode::kNotFound ? resource_not_found() : ApiError(error);
}

std::shared_ptr<DeferredCommit> DeferredCommit::begin(std::unique_ptr<storage::Transaction> transaction) {
  std::shared_ptr<DeferredCommit> commit(new DeferredCommit(std::move(transaction)));
  commit->transaction_->commit_later([commit](Result<void> outcome) { commit->finish(std::move(outcome)); });
  return commit;
}

void DeferredCommit::finish(Result<void> outcome) {
  MoveOnlyFunction<void()> done;
  {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    done = std::move(done_);
  }
  if (done) done();
}

void DeferredCommit::when_done(MoveOnlyFunction<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!outcome_) {
      done_ = std::move(done);
      return;
    }
  }
  done();
}

std::optional<Result<void>> DeferredCommit::outcome() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

}  // namespace tidemark::api
