// The service's words for transactions.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::model::words {

// As the service answers it; its documentation ends the sentence with a period.
inline constexpr std::string_view kTransactionConflict = "Transaction is ongoing for the item";
// `codes` is `None, ConditionalCheckFailed`: of each action, in order.
std::string transaction_cancelled(std::string_view codes);

inline constexpr std::string_view kSeveralOperationsOnItem =
    "Transaction request cannot include multiple operations on one item";
inline constexpr std::string_view kSeveralActionsInItem =
    "TransactItems can only contain one of Check, Put, Update or Delete";
inline constexpr std::string_view kNoActionInItem =
    "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request";
// Nobody has published how the service words this one; the sentence is its documentation's.
inline constexpr std::string_view kTransactionTooLarge =
    "The aggregate size of the items in the transaction exceeds 4 MB";

// The API model's descriptions of the exceptions.
inline constexpr std::string_view kTransactionInProgress =
    "The transaction with the given request token is already in progress.";
inline constexpr std::string_view kTokenOfAnotherRequest =
    "DynamoDB rejected the request because you retried a request with a different payload but with an "
    "idempotent token "
    "that was already used.";

}  // namespace tidemark::model::words
