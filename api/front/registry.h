// The one list of operations.
#pragma once

#include <string_view>
#include <vector>

#include "api/core/operation.h"

namespace tidemark::api {

// Every operation of the documented API: 62 of DynamoDB and 4 of DynamoDB Streams.
const std::vector<Operation>& all_operations();

// How much of an operation there is.
enum class Support {
  kWhole,
  kKept,  // what it sets is kept and answered, and has no effect
};
struct OperationLine {
  std::string_view name;
  Support support = Support::kWhole;
};
// What the README says about operations that belong together.
struct OperationFamily {
  std::string_view name;
  std::string_view document;  // `docs/streams.md`; empty: there is none
  std::string_view note;      // may be empty
  std::vector<OperationLine> operations;
};
// The same list, by family.
const std::vector<OperationFamily>& operation_families();

// By the value of X-Amz-Target, `DynamoDB_20120810.PutItem`; null when unknown. Thread-safe.
const Operation* find_operation(std::string_view target);
// The same where extensions may change it.
const Operation* find_operation(std::string_view target, const Extensions& extensions);

}  // namespace tidemark::api
