// Values of a request as the service's messages print them.
#pragma once

#include <string>
#include <string_view>

#include "api/core/shape.h"
#include "base/json.h"

namespace tidemark::api {

// As Java prints its objects: `[KeySchemaElement(attributeName=a, keyType=HASH)]`, absent members as null.
// Elements beyond a mebibyte of text are left out.
std::string echo(const Shape& shape, json::Value value);

// As compact JSON.
std::string json_echo(json::Value value);

// Appends a member's name as Java spells it: `TableName` as `tableName`.
void append_lower_camel(std::string* out, std::string_view name);

}  // namespace tidemark::api
