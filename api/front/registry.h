// The one list of operations.
#pragma once

#include <string_view>
#include <vector>

#include "api/core/operation.h"

namespace tidemark::api {

// Every operation of the documented API: 62 of DynamoDB and 4 of DynamoDB Streams.
const std::vector<Operation>& all_operations();

// By the value of X-Amz-Target, `DynamoDB_20120810.PutItem`; null when unknown. Thread-safe.
const Operation* find_operation(std::string_view target);
// The same where extensions may change it.
const Operation* find_operation(std::string_view target, const Extensions& extensions);

}  // namespace tidemark::api
