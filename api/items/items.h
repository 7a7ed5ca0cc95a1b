// Operations on single items.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation get_item();
Operation put_item();
Operation update_item();
Operation delete_item();

}  // namespace tidemark::api
