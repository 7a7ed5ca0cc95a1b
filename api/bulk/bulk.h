// Bulk operations: items from S3 into a table that is there.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation start_bulk_put_items();
Operation describe_bulk_operation();
Operation list_bulk_operations();
Operation cancel_bulk_operation();

}  // namespace tidemark::api
