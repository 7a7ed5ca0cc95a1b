// What a record of a bulk operation asks of the item that it would replace. Expressions are known above this
// library alone: it is handed what they compile to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/table_schema.h"

namespace tidemark::transfer {

class PutCondition {
 public:
  virtual ~PutCondition() = default;
  // `old_item` is canonical text; nothing: there is no such item. Errors: kCorruption.
  [[nodiscard]] virtual Result<bool> holds(std::optional<std::string_view> old_item) const = 0;
};

// Makes the condition of a record as it stands in the file, `{"Item":{…},"ConditionExpression":"…",…}`; null
// when it asks for nothing. The error is what the report says of the record.
using CompilePutCondition = std::function<Result<std::unique_ptr<PutCondition>, std::string>(
    std::string_view record, const model::TableSchema& schema)>;

}  // namespace tidemark::transfer
