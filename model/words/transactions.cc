#include "model/words/transactions.h"

namespace tidemark::model::words {

std::string transaction_cancelled(std::string_view codes) {
  return "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
         std::string(codes) + "]";
}

}  // namespace tidemark::model::words
