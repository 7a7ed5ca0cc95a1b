// Which of the service's two layers of validation reads a request.
//
// The newer one takes over operation by operation (model/words/wording.h). It words bad values anew, and for
// some operations puts whatever it finds in the request alone into the envelope of constraint errors, save
// for a few texts that are bare everywhere (ApiError::is_always_bare).
#pragma once

#include <cstdint>

#include "base/json.h"
#include "model/words/wording.h"

namespace tidemark::api {

enum class Layer : std::uint8_t {
  kOlder,
  kNewer,           // words values anew
  kNewerEnveloped,  // and says `1 validation error detected: ` in front
};

inline model::Wording wording_of(Layer layer) {
  return layer == Layer::kOlder ? model::Wording::kClassic : model::Wording::kCurrent;
}

// The layer that reads PutItem, UpdateItem and DeleteItem leaves a request to the older one that nests a
// value more than 62 levels deep. Walks all of the body: only for those who refuse it anyway.
bool nests_too_deep_for_newer_layer(json::Value body);

}  // namespace tidemark::api
