// Operations that read pages of items.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation query();
Operation scan();

}  // namespace tidemark::api
