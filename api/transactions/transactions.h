// Operations on several items that succeed or fail together.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation transact_get_items();
Operation transact_write_items();

}  // namespace tidemark::api
