// The service's words for transactions.
#pragma once

#include <string_view>

namespace tidemark::model::words {

// As the service answers it; its documentation ends the sentence with a period.
inline constexpr std::string_view kTransactionConflict = "Transaction is ongoing for the item";

}  // namespace tidemark::model::words
