// Tags of tables.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation tag_resource();
Operation untag_resource();
Operation list_tags_of_resource();

}  // namespace tidemark::api
