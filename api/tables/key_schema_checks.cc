#include "api/tables/key_schema_checks.h"
#include "model/words/constraints.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace tidemark::api {
namespace {

constexpr std::size_t kKeyAttributesMax = 4;  // of a global index, of each type

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

template <class Range, class Name>
std::string joined(const Range& range, Name name) {
  std::string text = "[";
  for (const auto& element : range) {
    if (text.size() > 1) text.append(", ");
    text.append(name(element));
  }
  text.push_back(']');
  return text;
}

ApiResult<void> check_key_order(const std::vector<KeyElement>& key_schema) {
  if (!key_schema.front().is_partition_key) {
    return fail(validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
  }
  if (key_schema.size() > 1 && key_schema[1].is_partition_key) {
    return fail(validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"));
  }
  return {};
}

// Up to four HASH, then up to four RANGE.
ApiResult<void> check_global_key_order(const std::vector<KeyElement>& key_schema) {
  if (!key_schema.front().is_partition_key) return check_key_order(key_schema);
  const auto first_sort_key = std::find_if(key_schema.begin(), key_schema.end(),
                                           [](const auto& element) { return !element.is_partition_key; });
  const bool is_mixed = std::any_of(first_sort_key, key_schema.end(),
                                    [](const auto& element) { return element.is_partition_key; });
  if (is_mixed) return invalid("All HASH key attributes must precede RANGE key attributes in the KeySchema");
  const auto partition_keys = static_cast<std::size_t>(first_sort_key - key_schema.begin());
  const auto too_many = [](std::string_view type) {
    return invalid("The KeySchema exceeds the maximum allowed number of " + std::string(type) +
                   " key attributes");
  };
  if (partition_keys > kKeyAttributesMax) return too_many("HASH");
  if (key_schema.size() - partition_keys > kKeyAttributesMax) return too_many("RANGE");
  return {};
}

}  // namespace

const model::AttributeDefinition* find_definition(const std::vector<model::AttributeDefinition>& attributes,
                                                  std::string_view name) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [name](const auto& attribute) { return attribute.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

ApiResult<void> check_key_schema(const std::vector<KeyElement>& key_schema,
                                 const std::vector<model::AttributeDefinition>& attributes,
                                 KeySchemaOwner owner) {
  if (key_schema.size() > attributes.size()) {
    return fail(validation("Invalid KeySchema: Some index key attribute have no definition"));
  }
  for (const KeyElement& element : key_schema) {
    if (find_definition(attributes, element.name) != nullptr) continue;
    const auto name = [](const auto& named) { return named.name; };
    return invalid("Some index key attributes are not defined in AttributeDefinitions. Keys: " +
                   joined(key_schema, name) + ", AttributeDefinitions: " + joined(attributes, name));
  }
  std::set<std::string_view> names;
  for (const KeyElement& element : key_schema) {
    if (names.insert(element.name).second) continue;
    const bool is_pair = key_schema.size() == 2 && !key_schema.back().is_partition_key;
    return fail(
        validation(is_pair || owner != KeySchemaOwner::kGlobalIndex
                       ? "Both the Hash Key and the Range Key element in the KeySchema have the same name"
                       : "The KeySchema contains multiple key attributes with the same name"));
  }
  return owner == KeySchemaOwner::kGlobalIndex ? check_global_key_order(key_schema)
                                               : check_key_order(key_schema);
}

ApiResult<void> check_definitions_differ(const std::vector<model::AttributeDefinition>& attributes) {
  std::set<std::string_view> names;
  for (const model::AttributeDefinition& attribute : attributes) {
    if (names.insert(attribute.name).second) continue;
    return fail(validation("Attribute Name is duplicated: " + attribute.name));
  }
  return {};
}

ApiResult<void> check_projection(const IndexDefinition& index) {
  if (!index.projection) return invalid("Unknown ProjectionType: null");
  const bool is_include = *index.projection == model::ProjectionType::kInclude;
  if (is_include && !index.non_key_attributes) {
    return invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  }
  if (!is_include && index.non_key_attributes) {
    const std::string type = *index.projection == model::ProjectionType::kAll ? "ALL" : "KEYS_ONLY";
    return invalid("ProjectionType is " + type + ", but NonKeyAttributes is specified");
  }
  std::set<std::string_view> names;
  for (const std::string& name : index.non_key_attributes.value_or(std::vector<std::string>())) {
    if (!names.insert(name).second) return invalid("Duplicate element in NonKeyAttributes: " + name);
  }
  return {};
}

namespace {

ApiResult<void> check_provisioned(const IndexDefinition& index, model::BillingMode billing_mode,
                                  TableRequest request) {
  const bool is_new_table = request == TableRequest::kCreate;
  if (billing_mode == model::BillingMode::kPayPerRequest && index.throughput) {
    return invalid(is_new_table
                       ? "ProvisionedThroughput should not be specified for index: " + index.name +
                             " when BillingMode is PAY_PER_REQUEST"
                       : "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: " +
                             index.name + " when BillingMode is PAY_PER_REQUEST");
  }
  if (billing_mode == model::BillingMode::kProvisioned && !index.throughput) {
    return invalid((is_new_table
                        ? "ProvisionedThroughput is not specified for index: "
                        : "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: ") +
                   index.name);
  }
  return index.throughput ? check_throughput_bounds(*index.throughput) : ApiResult<void>();
}

}  // namespace

ApiResult<void> check_index_throughput(const IndexDefinition& index, model::BillingMode billing_mode,
                                       TableRequest request) {
  RETURN_IF_ERROR(check_provisioned(index, billing_mode, request));
  const ThroughputOwner owner{.request = request, .index_name = index.name};
  if (index.on_demand_throughput) {
    RETURN_IF_ERROR(check_on_demand_throughput(*index.on_demand_throughput, billing_mode, owner));
  }
  if (!index.warm_throughput) return {};
  // An index is new, whatever the table is.
  return check_warm_throughput(
      *index.warm_throughput, billing_mode,
      warm_throughput_of(billing_mode, index.throughput.value_or(model::Throughput{}), {}),
      {.request = TableRequest::kCreate, .index_name = index.name});
}

ApiResult<void> check_index_name_is_new(const std::string& name, std::vector<std::string>* names) {
  if (std::find(names->begin(), names->end(), name) != names->end()) {
    return invalid("Duplicate index name: " + name);
  }
  names->push_back(name);
  return {};
}

ApiResult<void> check_every_attribute_is_used(const TableDefinition& definition) {
  std::set<std::string> used;
  const auto use = [&used](const std::vector<KeyElement>& key_schema) {
    for (const KeyElement& element : key_schema) used.insert(element.name);
  };
  use(definition.key_schema);
  for (const auto* const indexes : {&definition.local_indexes, &definition.global_indexes}) {
    if (!*indexes) continue;
    for (const IndexDefinition& index : **indexes) use(index.key_schema);
  }
  for (const VectorIndexDefinition& index :
       definition.vector_indexes.value_or(std::vector<VectorIndexDefinition>())) {
    for (const SearchSchemaElement& element : index.search_schema) used.insert(element.name);
  }
  std::set<std::string> defined;
  for (const auto& attribute : definition.attributes) defined.insert(attribute.name);
  if (defined == used && defined.size() == definition.attributes.size()) return {};
  const auto name = [](const std::string& text) { return text; };
  return invalid("Some AttributeDefinitions are not used. AttributeDefinitions: " + joined(defined, name) +
                 ", keys used: " + joined(used, name));
}

model::KeySchema make_key_schema(const std::vector<KeyElement>& key_schema,
                                 const std::vector<model::AttributeDefinition>& attributes) {
  model::KeySchema keys;
  for (const KeyElement& element : key_schema) {
    const model::AttributeDefinition* const definition = find_definition(attributes, element.name);
    if (definition == nullptr) continue;
    (element.is_partition_key ? keys.partition_keys : keys.sort_keys).push_back(*definition);
  }
  return keys;
}

}  // namespace tidemark::api
