#include "api/tables/vector_index_updates.h"

#include <algorithm>
#include <utility>

#include "api/tables/key_schema_checks.h"
#include "api/tables/table_update.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

// Adds the definitions of what the SearchSchema names. What the table says of an attribute holds, whatever is
// sent.
void merge_definitions(const VectorIndexDefinition& definition,
                       const std::vector<model::AttributeDefinition>& attributes,
                       model::TableSchema& schema) {
  auto& known = schema.attribute_definitions;
  for (const SearchSchemaElement& element : definition.search_schema) {
    if (std::ranges::find(known, element.name, &model::AttributeDefinition::name) != known.end()) continue;
    known.push_back(*std::ranges::find(attributes, element.name, &model::AttributeDefinition::name));
  }
  std::ranges::sort(known, {}, &model::AttributeDefinition::name);
}

}  // namespace

Shape vector_index_updates() {
  return list_of(structure("VectorIndexUpdate",
                           {{"Create", vector_index()},
                            {"Delete", structure("DeleteVectorIndexAction",
                                                 {{"IndexName", index_name(), Presence::kRequired}})}}));
}

ApiResult<VectorIndexUpdate> read_vector_index_update(const Input& input) {
  VectorIndexUpdate update;
  const auto list = input.list("VectorIndexUpdates");
  if (!list) return update;
  if (list->size() == 0) return invalid("List of VectorIndexUpdates is empty");
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input action(value);
    const auto creation = action.structure("Create");
    const auto deletion = action.structure("Delete");
    if (!creation && !deletion) {
      return invalid("One of VectorIndexUpdate.Create, VectorIndexUpdate.Delete must not be null");
    }
    const bool is_one = !(creation && deletion) && !update.created && !update.deleted;
    if (!is_one) return fail(limit_exceeded(kOneIndexAtATime));
    if (creation) update.created = read_vector_index(*creation);
    if (deletion) update.deleted = deletion->required_string("IndexName");
  }
  return update;
}

ApiResult<void> create_vector_index(const VectorIndexDefinition& definition,
                                    const std::vector<model::AttributeDefinition>& attributes,
                                    model::TableSchema& schema) {
  RETURN_IF_ERROR(check_definitions_differ(attributes));
  // Definitions that the table has need not be sent again.
  std::vector<model::AttributeDefinition> known = schema.attribute_definitions;
  known.insert(known.end(), attributes.begin(), attributes.end());
  RETURN_IF_ERROR(check_vector_index(definition, known, schema.billing_mode));
  const auto is_passing = [](const model::IndexSchema& index) {
    return index.status == model::IndexStatus::kCreating || index.status == model::IndexStatus::kDeleting;
  };
  if (std::ranges::any_of(schema.indexes, is_passing)) return fail(limit_exceeded(kOneIndexAtATime));
  if (schema.find_index(definition.name) != nullptr) {
    return fail(validation(kIndexExists));
  }
  RETURN_IF_ERROR(check_vector_index_count(schema.indexes, 1));
  merge_definitions(definition, attributes, schema);
  schema.indexes.push_back(make_vector_index(definition, schema.attribute_definitions));
  return check_dimensions_agree(schema.indexes);
}

}  // namespace tidemark::api
