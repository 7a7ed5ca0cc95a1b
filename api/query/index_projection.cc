#include "api/query/index_projection.h"

#include <algorithm>

namespace tidemark::api {

bool projects(const model::TableSchema& table, const model::IndexSchema& index, std::string_view attribute) {
  const auto& included = index.projection.non_key_attributes;
  return index.projection.type == model::ProjectionType::kAll || table.keys.contains(attribute) ||
         index.uses_definition(attribute) || (index.vector && index.vector->attribute == attribute) ||
         std::find(included.begin(), included.end(), attribute) != included.end();
}

}  // namespace tidemark::api
