// What the checks of conditions, updates and projections share. Internal to resolve_*.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/expression/ast.h"
#include "api/expression/resolve.h"
#include "base/result.h"

namespace tidemark::api::expression {

// Message text without its prefix.
using Checked = Result<void, std::string>;

// Bare names only: an alias may stand for any word.
Checked check_reserved(const Path& path);

Checked resolve_path(Path* path, Substitutions& substitutions);
// An operand that has its value keeps it.
Checked resolve_value(Operand* operand, Substitutions& substitutions);

// No two paths the same, none the beginning of another; then no two that need one value to be a map and a
// list.
Checked check_distinct_targets(const std::vector<const Path*>& paths);

std::string unknown_function(std::string_view name);
std::string misused_function(std::string_view name);
std::string incorrect_operand_count(std::string_view function, std::size_t count);
std::string incorrect_operand_type(std::string_view function, std::string_view type);
std::string path_required(std::string_view function);

// The type of a value operand; nothing for the rest.
std::optional<model::AttributeType> value_type(const Operand& operand);

}  // namespace tidemark::api::expression
