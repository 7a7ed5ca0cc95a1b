// Checks that the parsers of all kinds of expression make around the grammar. Internal to the parsers.
#pragma once

#include <cstddef>
#include <string_view>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "api/expression/token_reader.h"

namespace tidemark::api::expression {

// Not empty, not too long.
ApiResult<void> check_text(ExpressionKind kind, std::string_view text);
// After the grammar has matched: number of operators, depth of paths, size of list indexes.
ApiResult<void> check_limits(ExpressionKind kind, const TokenReader& reader, std::size_t operator_count);
// What to answer when the grammar did not match; `reader` stands where it failed.
ApiError parse_error(ExpressionKind kind, ParseFailure failure, const TokenReader& reader,
                     std::size_t operator_count);

}  // namespace tidemark::api::expression
