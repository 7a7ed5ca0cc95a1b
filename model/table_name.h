// What a table may be called.
#pragma once

#include <string_view>

namespace tidemark::model {

// [a-zA-Z0-9_.-]*
bool has_only_name_characters(std::string_view text);

// Source: DynamoDB developer guide, "Naming rules".
bool is_table_name(std::string_view text);

}  // namespace tidemark::model
