// What tags of a table may be. Sources: API reference of Tag; texts and order of the checks as measured.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "model/table_schema.h"

namespace tidemark::api {

inline constexpr std::size_t kTagsMax = 50;  // of one table

// The types alone: what keys and values may be is not told as other constraints are.
Shape tags();

// Reads the member `Tags`; none when it is absent. Errors: ValidationException for the first tag that cannot
// be, for a key that occurs twice, or for more tags than a table may have.
ApiResult<std::vector<model::Tag>> read_tags(const Input& input);

// 1 to 128 letters, digits, blanks and `+-=._:/@`. Keys that begin with `aws:`, in any case, are the
// service's own. Errors: ValidationException.
ApiResult<void> check_tag_key(std::optional<std::string_view> key);

// Errors: ValidationException.
ApiResult<void> check_tag_count(std::size_t count);

}  // namespace tidemark::api
