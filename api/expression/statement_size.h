// How much an update costs by its statement alone: what it writes, and a few bytes for each clause.
//
// Most regions refuse an UpdateItem when either this or the finished item is over 400 KB. The figures are not
// documented: they are what the service was seen to count.
#pragma once

#include <cstdint>

#include "api/expression/ast.h"

namespace tidemark::api::expression {

// Stops counting beyond the largest size that an item may have: the answer is then only known to be more.
std::uint64_t statement_size_bytes(const Update& update);

}  // namespace tidemark::api::expression
