// Operations in PartiQL.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation execute_statement();
Operation batch_execute_statement();
Operation execute_transaction();

}  // namespace tidemark::api
