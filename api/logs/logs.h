// What there is of CloudWatch Logs: reading.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation describe_log_groups();
Operation describe_log_streams();
Operation get_log_events();
Operation filter_log_events();

}  // namespace tidemark::api
