// Policies of tables and streams, one file per operation. What they mean: api/core/access.h.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation put_resource_policy();
Operation get_resource_policy();
Operation delete_resource_policy();

}  // namespace tidemark::api
