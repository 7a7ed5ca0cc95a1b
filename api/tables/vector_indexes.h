// What CreateTable, UpdateTable, ImportTable and restores say about vector indexes: read, judged, shown.
// Source: DynamoDB API reference, VectorIndex; developer guide, "Using vector indexes in DynamoDB". Texts
// that are not known are in words of our own, and named so in docs/vectors.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/json_writer.h"
#include "model/table_schema.h"

namespace tidemark::api {

struct SearchSchemaElement {
  std::string name;
  bool is_partition_key = false;  // HASH; otherwise INLINE_FILTER
};

struct VectorIndexDefinition {
  std::string name;
  std::string attribute;
  std::int64_t dimensions = 0;
  model::DistanceFunction distance = model::DistanceFunction::kCosine;
  std::vector<SearchSchemaElement> search_schema;
  std::optional<model::ProjectionType> projection;
  std::optional<std::vector<std::string>> non_key_attributes;
};

Shape vector_index();  // a VectorIndex to be created
VectorIndexDefinition read_vector_index(const Input& input);
// Nothing when there is no such list.
std::optional<std::vector<VectorIndexDefinition>> read_vector_indexes(const Input& input,
                                                                      std::string_view member);

// Whether these definitions have every attribute of its SearchSchema. Errors: ValidationException.
ApiResult<void> check_search_schema_is_defined(const VectorIndexDefinition& index,
                                               const std::vector<model::AttributeDefinition>& attributes);
// Whether a table with these attribute definitions can have such an index, apart from its name. Errors:
// ValidationException.
ApiResult<void> check_vector_index(const VectorIndexDefinition& index,
                                   const std::vector<model::AttributeDefinition>& attributes,
                                   model::BillingMode billing_mode);
// Whether there may be so many more beside these. Errors: LimitExceededException.
ApiResult<void> check_vector_index_count(const std::vector<model::IndexSchema>& indexes, std::size_t more);
// Whether the indexes go together: those over one attribute agree on its dimensions.
ApiResult<void> check_dimensions_agree(const std::vector<model::IndexSchema>& indexes);

// The index that passed check_vector_index() with these attributes.
model::IndexSchema make_vector_index(const VectorIndexDefinition& definition,
                                     const std::vector<model::AttributeDefinition>& attributes);
// Whether an index of the source of a restore is the one that is wanted, but for its name.
bool is_same_vector_index(const model::IndexSchema& index, const VectorIndexDefinition& wanted);

// The members that say what the index is, from IndexName to DistanceFunction.
void render_vector_index_settings(const model::IndexSchema& index, JsonWriter& json);

}  // namespace tidemark::api
