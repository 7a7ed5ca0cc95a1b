// Operations on several items that succeed or fail one by one.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation batch_get_item();
Operation batch_write_item();

}  // namespace tidemark::api
