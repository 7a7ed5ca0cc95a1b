#include "api/transactions/cancellation.h"

#include <algorithm>

#include "base/json_writer.h"
#include "model/words/transactions.h"

namespace tidemark::api {

ApiResult<void> Cancellation::add(std::size_t position, const ApiError& error) {
  Reason& reason = reasons_[position];
  switch (error.type) {
    case ErrorType::kConditionalCheckFailed:
      reason = {"ConditionalCheckFailed", error.message, error.extra_json};
      return {};
    case ErrorType::kDuplicateItem:
      reason = {"DuplicateItem", error.message, {}};
      return {};
    case ErrorType::kValidation:
      reason = {"ValidationError", error.message, {}};
      return {};
    default:
      return fail(error);
  }
}

void Cancellation::add_conflict(std::size_t position) {
  reasons_[position] = {"TransactionConflict", std::string(words::kTransactionConflict), {}};
}

bool Cancellation::any() const {
  return std::ranges::any_of(reasons_, [](const Reason& reason) { return !reason.code.empty(); });
}

ApiError Cancellation::error() const {
  std::string codes;
  std::string reasons = "\"CancellationReasons\":[";
  for (const Reason& reason : reasons_) {
    const std::string_view code = reason.code.empty() ? "None" : reason.code;
    if (!codes.empty()) codes += ", ", reasons += ',';
    codes += code;
    reasons.append("{\"Code\":\"").append(code).append("\"");
    if (!reason.item.empty()) reasons.append(",").append(reason.item);
    if (!reason.message.empty()) {
      reasons += ",\"Message\":";
      append_json_string(&reasons, reason.message);
    }
    reasons += '}';
  }
  reasons += ']';
  return {ErrorType::kTransactionCanceled, words::transaction_cancelled(codes), std::move(reasons)};
}

}  // namespace tidemark::api
