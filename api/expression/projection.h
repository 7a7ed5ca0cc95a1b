// Cuts items down to the paths of a projection. Elements of lists keep their order and close up; paths of one
// attribute are merged; paths that lead nowhere vanish.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/expression/ast.h"
#include "base/result.h"
#include "model/attribute_value.h"

namespace tidemark::api::expression {

// Appends the canonical text of what is left of `item_text`, canonical text itself: `{}` at least. With
// top-level paths alone, the attributes' text is copied and no tree is built. Errors: kCorruption.
Result<void> append_projected(std::string* out, const Projection& projection, std::string_view item_text);

model::AttributeMap project(const std::vector<Path>& paths, const model::AttributeMap& item);

}  // namespace tidemark::api::expression
