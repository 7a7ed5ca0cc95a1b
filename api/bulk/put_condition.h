// Conditions that records of bulk operations carry: `{"Item":{…},"ConditionExpression":"…",
// "ExpressionAttributeNames":{…},"ExpressionAttributeValues":{…}}`, as PutItem has them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/table_schema.h"
#include "transfer/put_condition.h"

namespace tidemark::api {

// What bulk operations are handed: see CompilePutCondition.
Result<std::unique_ptr<transfer::PutCondition>, std::string> compile_put_condition(
    std::string_view record, const model::TableSchema& schema);

}  // namespace tidemark::api
