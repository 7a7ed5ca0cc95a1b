// Imports of new tables from S3.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation import_table();
Operation describe_import();
Operation list_imports();

}  // namespace tidemark::api
