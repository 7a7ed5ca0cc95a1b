// What can be wrong with key schemas, projections and index names, one check a function, in the words of
// CreateTable and UpdateTable. Errors: ValidationException.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/tables/table_definition.h"

namespace tidemark::api {

enum class KeySchemaOwner { kTable, kLocalIndex, kGlobalIndex };

// Every attribute is defined; names differ; HASH comes before RANGE.
ApiResult<void> check_key_schema(const std::vector<KeyElement>& key_schema,
                                 const std::vector<model::AttributeDefinition>& attributes,
                                 KeySchemaOwner owner);
// Null when the name is not defined. Points into `attributes`.
const model::AttributeDefinition* find_definition(const std::vector<model::AttributeDefinition>& attributes,
                                                  std::string_view name);
// No name is defined twice.
ApiResult<void> check_definitions_differ(const std::vector<model::AttributeDefinition>& attributes);
ApiResult<void> check_projection(const IndexDefinition& index);
// A global index has provisioned throughput where the table has it, and nowhere else; its limits must be
// possible.
ApiResult<void> check_index_throughput(const IndexDefinition& index, model::BillingMode billing_mode,
                                       TableRequest request);
// Adds the name to those taken.
ApiResult<void> check_index_name_is_new(const std::string& name, std::vector<std::string>* names);
ApiResult<void> check_every_attribute_is_used(const TableDefinition& definition);

// `key_schema` must have passed check_key_schema().
model::KeySchema make_key_schema(const std::vector<KeyElement>& key_schema,
                                 const std::vector<model::AttributeDefinition>& attributes);

}  // namespace tidemark::api
