// Whether two requests ask for the same.
#pragma once

#include <string>

#include "base/json.h"

namespace tidemark::api {

// 16 bytes, the same for the same parameters: the order of an object's members counts as little as a member
// that is null. Stored (in receipts): must stay the same.
std::string fingerprint_of(json::Value parameters);

}  // namespace tidemark::api
