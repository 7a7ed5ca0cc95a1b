// A commit that no thread waits for.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "api/core/error.h"
#include "base/later.h"
#include "base/move_only_function.h"
#include "base/result.h"
#include "storage/transaction.h"

namespace tidemark::api {

// What a commit that failed is answered with: ResourceNotFoundException when a table was deleted meanwhile.
ApiError commit_error(const Error& error);

// Keeps the transaction until it is committed, and itself.
// Thread-safety: all methods may be called concurrently.
class DeferredCommit {
 public:
  static std::shared_ptr<DeferredCommit> begin(std::unique_ptr<storage::Transaction> transaction);

  // Calls `done` once there is an outcome, on any thread, perhaps before this returns. Call it once.
  void when_done(MoveOnlyFunction<void()> done) { outcome_.when_there(std::move(done)); }
  // Nothing while there is none. Errors: those of storage::Transaction::commit_later().
  [[nodiscard]] std::optional<Result<void>> outcome() const { return outcome_.look(); }

 private:
  explicit DeferredCommit(std::unique_ptr<storage::Transaction> transaction)
      : transaction_(std::move(transaction)) {}

  const std::unique_ptr<storage::Transaction> transaction_;
  Later<Result<void>> outcome_;
};

}  // namespace tidemark::api
