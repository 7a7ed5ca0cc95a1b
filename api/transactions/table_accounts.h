// What a transaction consumes, by table.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "api/core/capacity.h"

namespace tidemark::api {

// Source: developer guide, "Capacity management for transactions".
inline constexpr double kTransactionCapacityFactor = 2;

class TableAccounts {
 public:
  // The table's account, shown under the name by which it is asked for first. Valid until the next call.
  ConsumedCapacity& of(std::string_view name, const storage::TablePtr& table) {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      if (tables_[i] == table->id) return accounts_[i];
    }
    tables_.push_back(table->id);
    return accounts_.emplace_back(name, table);
  }
  // In the order in which they were asked for.
  [[nodiscard]] std::vector<ConsumedCapacity> take() && { return std::move(accounts_); }

 private:
  std::vector<storage::TableId> tables_;
  std::vector<ConsumedCapacity> accounts_;
};

}  // namespace tidemark::api
