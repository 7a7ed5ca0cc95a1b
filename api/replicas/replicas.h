// Operations on global tables of version 2017.11.29, and on the auto scaling of replicas. What version
// 2019.11.21 has is in UpdateTable and DescribeTable.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation create_global_table();
Operation update_global_table();
Operation describe_global_table();
Operation list_global_tables();
Operation describe_global_table_settings();
Operation update_global_table_settings();

Operation describe_table_replica_auto_scaling();
Operation update_table_replica_auto_scaling();

}  // namespace tidemark::api
