#include "api/core/operation.h"

#include "model/words/constraints.h"

namespace tidemark::api {

ApiError enveloped(ApiError error) {
  if (error.type == ErrorType::kValidation && !error.is_always_bare) {
    error.message = words::in_envelope(error.message);
  }
  return error;
}

}  // namespace tidemark::api
