// Why a transaction was cancelled: one reason an action, in the order of the request.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "storage/transaction.h"

namespace tidemark::api {

class Cancellation {
 public:
  explicit Cancellation(std::size_t actions) : reasons_(actions) {}

  // What the operation on the one item would have answered. Errors that are no fault of the action, those of
  // the server and missing tables among them, are given back: they are the whole request's.
  ApiResult<void> add(std::size_t position, const ApiError& error);
  void add_conflict(std::size_t position);

  // Whether an action has a reason of its own.
  [[nodiscard]] bool has(std::size_t position) const { return !reasons_[position].code.empty(); }
  [[nodiscard]] bool any() const;
  // TransactionCanceledException
  [[nodiscard]] ApiError error() const;

 private:
  struct Reason {
    std::string_view code;  // empty: none
    std::string message;
    std::string item;  // `"Item":{...}`, or nothing
  };

  std::vector<Reason> reasons_;
};

}  // namespace tidemark::api
