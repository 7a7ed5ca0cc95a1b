// Writes a JSON value that was read: what a client sent, given back or kept.
#pragma once

#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark {

// Writes `value` with everything in it, members in their order, as the next value of `json`. Goes as deep as
// the value does, which json::Document bounds.
void write_value(json::Value value, JsonWriter& json);

}  // namespace tidemark
