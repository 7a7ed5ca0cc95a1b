// Which keys a key condition selects.
#pragma once

#include "api/expression/key_condition.h"
#include "storage/query.h"

namespace tidemark::api {

// `condition` must be bound to the keys of the target.
storage::KeyRange key_range(const storage::Target& target, const expression::KeyCondition& condition);

}  // namespace tidemark::api
