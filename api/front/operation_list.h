// The list of operations for people and tools: what `tidemark operations` prints.
#pragma once

#include <string>

namespace tidemark::api {

// A line each: `GetItem  items  works`.
std::string operation_list_text();
// One JSON array: `[{"name":"GetItem","service":"DynamoDB_20120810","family":"items","support":"works"}]`.
std::string operation_list_json();
// The rows of the README's table, one a family.
std::string operation_list_markdown();

}  // namespace tidemark::api
