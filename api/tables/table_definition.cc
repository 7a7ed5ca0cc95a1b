#include "api/tables/table_definition.h"

#include <algorithm>
#include <utility>

#include "api/tables/key_schema_checks.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

using model::BillingMode;

constexpr std::size_t kLocalIndexesMax = 5;

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

std::vector<KeyElement> read_key_schema(const Input& input) {
  std::vector<KeyElement> elements;
  const auto list = input.list("KeySchema");
  if (!list) return elements;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input element(value);
    elements.push_back({.name = element.required_string("AttributeName"),
                        .is_partition_key = element.string("KeyType") == "HASH"});
  }
  return elements;
}

std::optional<model::ProjectionType> projection_type_of(std::optional<std::string_view> name) {
  if (!name) return std::nullopt;
  if (*name == "ALL") return model::ProjectionType::kAll;
  return *name == "KEYS_ONLY" ? model::ProjectionType::kKeysOnly : model::ProjectionType::kInclude;
}

ApiResult<void> check_billing(const TableDefinition& definition) {
  if (definition.billing_mode == BillingMode::kPayPerRequest && definition.throughput) {
    return invalid(words::kNoUnitsOnDemand);
  }
  if (definition.billing_mode == BillingMode::kProvisioned && !definition.throughput) {
    return invalid(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
  }
  if (definition.throughput) RETURN_IF_ERROR(check_throughput_bounds(*definition.throughput));
  return {};
}

// Which attributes are the keys of indexes, before anything else about indexes.

ApiResult<void> check_local_index_keys(const TableDefinition& definition, const IndexDefinition& index) {
  RETURN_IF_ERROR(check_key_schema(index.key_schema, definition.attributes, KeySchemaOwner::kLocalIndex));
  if (index.key_schema.size() < 2) {
    return invalid("Index KeySchema does not have a range key for index: " + index.name);
  }
  const std::string& index_key = index.key_schema.front().name;
  const std::string& table_key = definition.key_schema.front().name;
  if (index_key == table_key) return {};
  return invalid("Index KeySchema does not have the same leading hash key as table KeySchema for index: " +
                 index.name + ". index hash key: " + index_key + ", table hash key: " + table_key);
}

ApiResult<void> check_index_keys(const TableDefinition& definition) {
  if (definition.local_indexes) {
    if (definition.local_indexes->empty()) return invalid("List of LocalSecondaryIndexes is empty");
    if (definition.key_schema.size() < 2) {
      return invalid(
          "Table KeySchema does not have a range key, which is required when specifying a "
          "LocalSecondaryIndex");
    }
    for (const IndexDefinition& index : *definition.local_indexes) {
      RETURN_IF_ERROR(check_local_index_keys(definition, index));
    }
  }
  if (!definition.global_indexes) return {};
  if (definition.global_indexes->empty()) return invalid("List of GlobalSecondaryIndexes is empty");
  for (const IndexDefinition& index : *definition.global_indexes) {
    RETURN_IF_ERROR(check_key_schema(index.key_schema, definition.attributes, KeySchemaOwner::kGlobalIndex));
  }
  return {};
}

ApiResult<void> check_local_indexes(const TableDefinition& definition, std::vector<std::string>* names) {
  if (!definition.local_indexes) return {};
  for (const IndexDefinition& index : *definition.local_indexes) {
    RETURN_IF_ERROR(check_projection(index));
    RETURN_IF_ERROR(check_index_name_is_new(index.name, names));
  }
  if (definition.local_indexes->size() > kLocalIndexesMax) {
    return invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
  return {};
}

ApiResult<void> check_global_indexes(const TableDefinition& definition, std::vector<std::string>* names) {
  if (!definition.global_indexes) return {};
  for (const IndexDefinition& index : *definition.global_indexes) {
    RETURN_IF_ERROR(check_projection(index));
    RETURN_IF_ERROR(check_index_throughput(index, definition.billing_mode, TableRequest::kCreate));
    RETURN_IF_ERROR(check_index_name_is_new(index.name, names));
  }
  if (definition.global_indexes->size() > kGlobalIndexesMax) {
    return invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  return {};
}

ApiResult<void> check_vector_indexes(const TableDefinition& definition, std::vector<std::string>* names) {
  if (!definition.vector_indexes) return {};
  if (definition.vector_indexes->empty()) return invalid("List of VectorIndexes is empty");
  RETURN_IF_ERROR(check_vector_index_count({}, definition.vector_indexes->size()));
  std::vector<model::IndexSchema> made;
  for (const VectorIndexDefinition& index : *definition.vector_indexes) {
    RETURN_IF_ERROR(check_vector_index(index, definition.attributes, definition.billing_mode));
    RETURN_IF_ERROR(check_index_name_is_new(index.name, names));
    made.push_back(make_vector_index(index, definition.attributes));
  }
  return check_dimensions_agree(made);
}

ApiResult<void> check_definition(const TableDefinition& definition) {
  RETURN_IF_ERROR(check_billing(definition));
  RETURN_IF_ERROR(check_key_schema(definition.key_schema, definition.attributes, KeySchemaOwner::kTable));
  RETURN_IF_ERROR(check_definitions_differ(definition.attributes));
  const bool has_indexes = definition.local_indexes || definition.global_indexes || definition.vector_indexes;
  if (!has_indexes && definition.key_schema.size() != definition.attributes.size()) {
    return invalid(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  RETURN_IF_ERROR(check_index_keys(definition));
  for (const VectorIndexDefinition& index :
       definition.vector_indexes.value_or(std::vector<VectorIndexDefinition>())) {
    RETURN_IF_ERROR(check_search_schema_is_defined(index, definition.attributes));
  }
  RETURN_IF_ERROR(check_every_attribute_is_used(definition));
  std::vector<std::string> names;
  RETURN_IF_ERROR(check_local_indexes(definition, &names));
  RETURN_IF_ERROR(check_global_indexes(definition, &names));
  RETURN_IF_ERROR(check_vector_indexes(definition, &names));
  RETURN_IF_ERROR(check_on_demand_throughput(definition.on_demand_throughput, definition.billing_mode, {}));
  return check_warm_throughput(
      definition.warm_throughput, definition.billing_mode,
      warm_throughput_of(definition.billing_mode, definition.throughput.value_or(model::Throughput{}), {}),
      {});
}

}  // namespace

model::BillingMode billing_mode_of(std::string_view name) {
  return name == "PAY_PER_REQUEST" ? BillingMode::kPayPerRequest : BillingMode::kProvisioned;
}

std::vector<model::AttributeDefinition> read_attributes(const Input& input) {
  std::vector<model::AttributeDefinition> attributes;
  const auto list = input.list("AttributeDefinitions");
  if (!list) return attributes;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input element(value);
    attributes.push_back({.name = element.required_string("AttributeName"),
                          .type = model::parse_key_type(element.required_string("AttributeType"))
                                      .value_or(model::KeyType::kString)});
  }
  return attributes;
}

IndexDefinition read_index(const Input& input) {
  IndexDefinition index;
  index.name = input.required_string("IndexName");
  index.key_schema = read_key_schema(input);
  if (const auto projection = input.structure("Projection")) {
    index.projection = projection_type_of(projection->string("ProjectionType"));
    if (const auto names = projection->list("NonKeyAttributes")) {
      index.non_key_attributes.emplace();
      json::Value name;
      for (json::ArrayCursor cursor = names->elements(); cursor.next(&name);) {
        index.non_key_attributes->emplace_back(name.string());
      }
    }
  }
  index.throughput = read_throughput(input);
  index.on_demand_throughput = read_on_demand_members(input);
  index.warm_throughput = read_warm_members(input);
  return index;
}

std::optional<std::vector<IndexDefinition>> read_indexes(const Input& input, std::string_view member) {
  const auto list = input.list(member);
  if (!list) return std::nullopt;
  std::vector<IndexDefinition> indexes;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    indexes.push_back(read_index(Input(value)));
  }
  return indexes;
}

model::IndexSchema make_index(const IndexDefinition& definition, model::IndexKind kind,
                              const std::vector<model::AttributeDefinition>& attributes) {
  model::IndexSchema index;
  index.name = definition.name;
  index.kind = kind;
  index.keys = make_key_schema(definition.key_schema, attributes);
  index.projection.type = definition.projection.value_or(model::ProjectionType::kAll);
  index.projection.non_key_attributes = definition.non_key_attributes.value_or(std::vector<std::string>());
  std::ranges::sort(index.projection.non_key_attributes);
  index.throughput = definition.throughput.value_or(model::Throughput{});
  index.on_demand_throughput = merge({}, definition.on_demand_throughput.value_or(ThroughputMembers{}));
  index.warm_throughput = merge_warm({}, definition.warm_throughput.value_or(ThroughputMembers{}));
  return index;
}

std::optional<model::Throughput> read_throughput(const Input& input, std::string_view member) {
  const auto throughput = input.structure(member);
  if (!throughput) return std::nullopt;
  return model::Throughput{.read_units = throughput->integer("ReadCapacityUnits").value_or(0),
                           .write_units = throughput->integer("WriteCapacityUnits").value_or(0)};
}

ApiResult<std::optional<std::string>> read_kms_key_id(const Input& input, std::string_view member) {
  const auto sse = input.structure(member);
  if (!sse) return std::optional<std::string>();
  const auto type = sse->string("SSEType");
  const bool has_key = sse->has("KMSMasterKeyId");
  if (!sse->boolean("Enabled").value_or(false)) {
    if (type) return invalid("SSEType can not be specified if Enabled is false");
    if (has_key) return invalid("KMSMasterKeyId can not be specified if Enabled is false");
    return std::optional<std::string>();
  }
  if (type == "AES256") return invalid("SSEType AES256 is not supported");
  if (has_key && !type) return invalid("SSEType KMS is required if KMSMasterKeyId is specified");
  return std::optional<std::string>(sse->string("KMSMasterKeyId").value_or(""));
}

ApiResult<std::string> read_table_class(const Input& input) {
  const std::string name(input.string("TableClass").value_or(""));
  if (!input.has("TableClass") || name == "STANDARD" || name == "STANDARD_INFREQUENT_ACCESS") return name;
  return fail(validation(
      "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
      "STANDARD_INFREQUENT_ACCESS]."));
}

std::string kms_key_arn(const std::string& key_id, const storage::Owner& owner) {
  if (key_id.starts_with("arn:")) return key_id;
  const std::string prefix =
      "arn:aws:kms:" + std::string(model::arn_region(owner.region)) + ":" + owner.account_id + ":";
  if (key_id.empty()) return prefix + "alias/aws/dynamodb";
  return prefix + (key_id.starts_with("alias/") ? "" : "key/") + key_id;
}

ApiResult<TableDefinition> read_table_definition(const Input& input) {
  TableDefinition definition;
  definition.name = input.required_string("TableName");
  definition.attributes = read_attributes(input);
  definition.key_schema = read_key_schema(input);
  definition.local_indexes = read_indexes(input, "LocalSecondaryIndexes");
  definition.global_indexes = read_indexes(input, "GlobalSecondaryIndexes");
  definition.vector_indexes = read_vector_indexes(input, "VectorIndexes");
  definition.billing_mode = billing_mode_of(input.string("BillingMode").value_or("PROVISIONED"));
  definition.throughput = read_throughput(input);
  definition.on_demand_throughput = read_on_demand_members(input).value_or(ThroughputMembers{});
  definition.warm_throughput = read_warm_members(input).value_or(ThroughputMembers{});
  RETURN_IF_ERROR(check_definition(definition));
  ASSIGN_OR_RETURN(definition.kms_key_id, read_kms_key_id(input));
  return definition;
}

model::TableSchema make_schema(const TableDefinition& definition, const storage::Owner& owner,
                               std::string uuid, Timestamp now) {
  model::TableSchema schema;
  schema.name = definition.name;
  schema.uuid = std::move(uuid);
  schema.account_id = owner.account_id;
  schema.region = owner.region;
  schema.keys = make_key_schema(definition.key_schema, definition.attributes);
  schema.attribute_definitions = definition.attributes;
  std::sort(schema.attribute_definitions.begin(), schema.attribute_definitions.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const IndexDefinition& index : definition.local_indexes.value_or(std::vector<IndexDefinition>())) {
    schema.indexes.push_back(make_index(index, model::IndexKind::kLocal, definition.attributes));
  }
  for (const IndexDefinition& index : definition.global_indexes.value_or(std::vector<IndexDefinition>())) {
    schema.indexes.push_back(make_index(index, model::IndexKind::kGlobal, definition.attributes));
  }
  for (const VectorIndexDefinition& index :
       definition.vector_indexes.value_or(std::vector<VectorIndexDefinition>())) {
    schema.indexes.push_back(make_vector_index(index, definition.attributes));
  }
  schema.billing_mode = definition.billing_mode;
  if (schema.billing_mode == BillingMode::kPayPerRequest) schema.last_update_to_pay_per_request = now;
  schema.throughput = definition.throughput.value_or(model::Throughput{});
  schema.on_demand_throughput = merge({}, definition.on_demand_throughput);
  schema.warm_throughput = merge_warm({}, definition.warm_throughput);
  schema.created_at = now;
  if (definition.kms_key_id) schema.sse = model::SseSettings{kms_key_arn(*definition.kms_key_id, owner)};
  return schema;
}

}  // namespace tidemark::api
