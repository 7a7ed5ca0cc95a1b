#include "api/items/key_paths.h"

#include <algorithm>
#include <string>

namespace tidemark::api {

ApiResult<void> check_key_paths(const model::TableSchema& schema,
                                const std::vector<const expression::Path*>& paths) {
  const auto refused = [](std::string_view kind, const std::string& attribute) {
    return validation(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " +
        std::string(kind) + ": " + attribute);
  };
  for (const expression::Path* path : paths) {
    if (!path->nested()) continue;
    const std::string& attribute = path->top();
    if (schema.keys.contains(attribute)) return fail(refused("Key", attribute));
    const bool is_index_key = std::any_of(schema.indexes.begin(), schema.indexes.end(),
                                          [&](const auto& index) { return index.keys.contains(attribute); });
    if (is_index_key) return fail(refused("IndexKey", attribute));
  }
  return {};
}

ApiResult<void> check_update_targets(const model::TableSchema& schema, const expression::Update& update) {
  const auto targets = expression::targets_of(update);
  RETURN_IF_ERROR(check_key_paths(schema, targets));
  for (const expression::Path* target : targets) {
    if (schema.keys.contains(target->top())) {
      return fail(validation("One or more parameter values were invalid: Cannot update attribute " +
                             target->top() + ". This attribute is part of the key"));
    }
  }
  return {};
}

}  // namespace tidemark::api
