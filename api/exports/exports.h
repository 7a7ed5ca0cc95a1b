// Exports of tables to S3.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation export_table_to_point_in_time(const Extensions& extensions = {});
Operation describe_export();
Operation list_exports();

}  // namespace tidemark::api
