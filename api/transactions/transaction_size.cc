#include "api/transactions/transaction_size.h"

#include <string>

#include "model/words/transactions.h"

namespace tidemark::api {

ApiResult<void> check_transaction_size(std::uint64_t bytes) {
  constexpr std::uint64_t kItemBytesMax = 4ULL << 20;
  if (bytes <= kItemBytesMax) return {};
  return fail(validation(std::string(words::kTransactionTooLarge)));
}

}  // namespace tidemark::api
