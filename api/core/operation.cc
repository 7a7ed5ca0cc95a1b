#include "api/core/operation.h"

#include "model/words/constraints.h"

namespace tidemark::api {

ApiError enveloped(ApiError error) {
  if (error.type == ErrorType::kValidation && !error.is_always_bare) {
    error.message = words::in_envelope(error.message);
  }
  return error;
}

Operation not_implemented(std::string_view name, ServiceKind service) {
  Operation operation;
  operation.name = name;
  operation.service = service;
  operation.is_implemented = false;
  operation.shape = structure(name, {});
  operation.run = [name](const Input&, OperationContext&, std::string*) -> ApiResult<void> {
    return fail(not_implemented_error("Tidemark does not implement " + std::string(name) + " yet"));
  };
  return operation;
}

}  // namespace tidemark::api
