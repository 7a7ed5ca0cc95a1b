// Point-in-time recovery and backups.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation describe_continuous_backups();
Operation update_continuous_backups();

}  // namespace tidemark::api
