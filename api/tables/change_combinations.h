// Which changes one UpdateTable may ask for at once: mostly a single one. Source: all pairs, as measured.
#pragma once

#include "api/core/error.h"
#include "api/core/input.h"

namespace tidemark::api {

// Structures in which nothing is said count as absent. Errors: ValidationException when nothing is asked for,
// or what cannot be changed together.
ApiResult<void> check_changes_go_together(const Input& input);

}  // namespace tidemark::api
