// What reads and writes of items tell the conditions of policies (api/core/access.h).
#pragma once

#include <optional>
#include <string_view>

#include "api/core/access.h"
#include "api/expression/ast.h"
#include "api/items/item_write.h"

namespace tidemark::api {

// Adds what a read by key asks for.
void add_key_terms(std::string_view key, const std::optional<expression::Projection>& projection,
                   const model::TableSchema& table, AccessTerms* terms);

// The same for a write.
void add_write_terms(const Write& write, const model::TableSchema& table, AccessTerms* terms);

// What a policy calls the write, alone or in a transaction: `PutItem`, `ConditionCheckItem`.
std::string_view action_of(WriteKind kind);

}  // namespace tidemark::api
