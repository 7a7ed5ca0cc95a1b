// ExclusiveStartKey and LastEvaluatedKey: the key of the item a page ended with, as a place in the order of
// the table or index. The item need not exist any more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "base/json.h"
#include "storage/query.h"

namespace tidemark::api {

enum class ReadKind { kQuery, kScan };  // they word some errors differently

// The canonical text of an ExclusiveStartKey; its values are judged from the request alone.
ApiResult<std::string> start_key_text(json::Value object, model::Wording wording);

// Where the key stands, for storage::ReadOptions::start_after.
// Errors: the key has other attributes than a LastEvaluatedKey of this target.
ApiResult<std::string> start_position(const storage::Target& target, std::string_view key_text,
                                      ReadKind kind);

// The key of an item or index entry of `target`, as canonical text: the table's key attributes and, on an
// index, the index's.
std::string last_evaluated_key(const storage::Target& target, std::string_view item_text);

}  // namespace tidemark::api
