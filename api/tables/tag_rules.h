// What tags of a table may be. Source: DynamoDB developer guide, "Tagging restrictions in DynamoDB", and the
// API model for lengths.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "model/table_schema.h"

namespace tidemark::api {

inline constexpr std::size_t kTagsMax = 50;  // of one table

Shape tag_key();
Shape tags();

// Reads the member `Tags`; none when it is absent. Errors: ValidationException for a key that occurs twice or
// is reserved, or for more tags than a table may have.
ApiResult<std::vector<model::Tag>> read_tags(const Input& input);

// Keys that begin with `aws:`, in any case, are the service's own. Errors: ValidationException.
ApiResult<void> check_tag_key(std::string_view key);

// Errors: ValidationException.
ApiResult<void> check_tag_count(std::size_t count);

}  // namespace tidemark::api
