// Are the JSON types of a body those of the operation's input? The service answers SerializationException, in
// the words of its Java deserializer, before it looks at anything else.
#pragma once

#include "api/core/error.h"
#include "api/core/shape.h"
#include "base/json.h"

namespace tidemark::api {

// Judges everything but the insides of attribute values, in document order. `body` may be of any type.
// Unknown members are ignored; null members count as absent.
ApiResult<void> check_types(const Shape& shape, json::Value body);

// Judges the attribute values too. Reading an item finds the same defects on its way, so this is only for a
// request that failed otherwise: a wrong type anywhere goes before every other error.
ApiResult<void> check_types_in_attribute_values(const Shape& shape, json::Value body);

}  // namespace tidemark::api
