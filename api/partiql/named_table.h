// The table that a statement names, for logs: whatever else the statement says, and whether or not it is one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::api::partiql {

// The name behind the first FROM, INTO or UPDATE; nothing where there is none.
std::optional<std::string> named_table(std::string_view statement);

}  // namespace tidemark::api::partiql
