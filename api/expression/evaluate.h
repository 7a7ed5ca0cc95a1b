// Does a condition hold for an item?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/expression/ast.h"
#include "base/result.h"
#include "model/attribute_value.h"

namespace tidemark::api::expression {

// `item` is null when there is no item: every attribute is then missing. Comparisons with a missing attribute
// are false, but
// `<>` is true. Values of different types are unequal and without order.
bool holds(const Condition& condition, const model::AttributeMap* item);

// The same for an item given as canonical text. Builds trees only for the attributes that the condition
// mentions. Errors: kCorruption.
Result<bool> holds(const Condition& condition, std::string_view item_text);

// The attributes called `names`, which ascend, those that are there, as trees. Give the same names for many
// items: for conditions, referenced_attributes(condition) once. Errors: kCorruption.
Result<model::AttributeMap> extract(std::string_view item_text, const std::vector<std::string>& names);

// The value at the end of a path; null if it leads nowhere.
const model::AttributeValue* find(const Path& path, const model::AttributeMap& item);

}  // namespace tidemark::api::expression
