// Operations on tables.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation create_table();
Operation describe_table();
Operation update_table();
Operation delete_table();
Operation list_tables();
Operation describe_limits();
Operation describe_endpoints();

}  // namespace tidemark::api
