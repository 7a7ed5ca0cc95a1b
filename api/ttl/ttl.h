// Time to live.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation describe_time_to_live();
Operation update_time_to_live();

}  // namespace tidemark::api
