#include "api/core/deferred_commit.h"

#include <utility>

namespace tidemark::api {

ApiError commit_error(const Error& error) {
  return error.code == ErrorCode::kNotFound ? resource_not_found() : ApiError(error);
}

std::shared_ptr<DeferredCommit> DeferredCommit::begin(std::unique_ptr<storage::Transaction> transaction) {
  std::shared_ptr<DeferredCommit> commit(new DeferredCommit(std::move(transaction)));
  commit->transaction_->commit_later(
      [commit](Result<void> outcome) { commit->outcome_.give(std::move(outcome)); });
  return commit;
}

}  // namespace tidemark::api
