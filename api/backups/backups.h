// Point-in-time recovery and backups.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation create_backup();
Operation describe_backup();
Operation list_backups();
Operation delete_backup();
Operation restore_table_from_backup();
Operation restore_table_to_point_in_time();
Operation describe_continuous_backups();
Operation update_continuous_backups();

}  // namespace tidemark::api
