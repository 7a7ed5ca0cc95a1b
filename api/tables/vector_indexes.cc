#include "api/tables/vector_indexes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/tables/key_schema_checks.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_description.h"
#include "api/tables/table_shapes.h"
#include "model/vector.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;
constexpr std::size_t kAttributeNameBytesMax = 65'535;
constexpr std::size_t kVectorIndexesMax =
    20;  // as many as global ones; the service's own number is not known

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

model::DistanceFunction distance_of(std::string_view name) {
  if (name == "EUCLIDEAN") return model::DistanceFunction::kEuclidean;
  return name == "DOT_PRODUCT" ? model::DistanceFunction::kDotProduct : model::DistanceFunction::kCosine;
}

ApiResult<void> check_search_schema(const VectorIndexDefinition& index) {
  std::set<std::string_view> names = {index.attribute};
  std::size_t partition_keys = 0;
  for (const SearchSchemaElement& element : index.search_schema) {
    if (!names.insert(element.name).second) {
      return invalid("The SearchSchema of index " + index.name +
                     " has the attribute more than once, or as its vector: " + element.name);
    }
    partition_keys += element.is_partition_key ? 1 : 0;
  }
  if (partition_keys > 1) {
    return invalid("The SearchSchema of index " + index.name + " has more than one HASH attribute");
  }
  return {};
}

}  // namespace

Shape vector_index() {
  return structure(
      "VectorIndex",
      {{"IndexName", index_name(), kRequired},
       {"VectorAttribute",
        structure("VectorAttributeDefinition",
                  {{"AttributeName", string().length(1, kAttributeNameBytesMax), kRequired}}),
        kRequired},
       {"SearchSchema",
        list_of(structure("SearchSchemaElement",
                          {{"AttributeName", string().length(1, kAttributeNameBytesMax), kRequired},
                           {"SearchSchemaElementType", enumeration({"HASH", "INLINE_FILTER"}), kRequired}}))
            .at_least(1)},
       {"Projection", projection(), kRequired},
       {"Dimensions", long_integer().range(1, model::kVectorDimensionsMax), kRequired},
       {"DistanceFunction", enumeration({"COSINE", "DOT_PRODUCT", "EUCLIDEAN"}), kRequired}});
}

VectorIndexDefinition read_vector_index(const Input& input) {
  IndexDefinition common = read_index(input);  // what it has in common with other indexes
  VectorIndexDefinition index;
  index.name = std::move(common.name);
  index.projection = common.projection;
  index.non_key_attributes = std::move(common.non_key_attributes);
  index.attribute = input.structure("VectorAttribute")->required_string("AttributeName");
  index.dimensions = input.integer("Dimensions").value_or(0);
  index.distance = distance_of(input.string("DistanceFunction").value_or(""));
  if (const auto schema = input.list("SearchSchema")) {
    json::Value value;
    for (json::ArrayCursor cursor = schema->elements(); cursor.next(&value);) {
      const Input element(value);
      index.search_schema.push_back(
          {.name = element.required_string("AttributeName"),
           .is_partition_key = element.string("SearchSchemaElementType") == "HASH"});
    }
  }
  return index;
}

std::optional<std::vector<VectorIndexDefinition>> read_vector_indexes(const Input& input,
                                                                      std::string_view member) {
  const auto list = input.list(member);
  if (!list) return std::nullopt;
  std::vector<VectorIndexDefinition> indexes;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    indexes.push_back(read_vector_index(Input(value)));
  }
  return indexes;
}

ApiResult<void> check_search_schema_is_defined(const VectorIndexDefinition& index,
                                               const std::vector<model::AttributeDefinition>& attributes) {
  for (const SearchSchemaElement& element : index.search_schema) {
    if (find_definition(attributes, element.name) == nullptr) {
      return fail(validation("One element in SearchSchema is not defined in attribute definitions"));
    }
  }
  return {};
}

ApiResult<void> check_vector_index(const VectorIndexDefinition& index,
                                   const std::vector<model::AttributeDefinition>& attributes,
                                   model::BillingMode billing_mode) {
  if (billing_mode != model::BillingMode::kPayPerRequest) {
    return invalid("Vector indexes need a table whose BillingMode is PAY_PER_REQUEST: " + index.name);
  }
  RETURN_IF_ERROR(check_search_schema_is_defined(index, attributes));
  RETURN_IF_ERROR(check_search_schema(index));
  IndexDefinition projected;
  projected.name = index.name;
  projected.projection = index.projection;
  projected.non_key_attributes = index.non_key_attributes;
  return check_projection(projected);
}

ApiResult<void> check_vector_index_count(const std::vector<model::IndexSchema>& indexes, std::size_t more) {
  const auto is_vector = [](const model::IndexSchema& index) {
    return index.kind == model::IndexKind::kVector;
  };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(indexes, is_vector));
  if (count + more <= kVectorIndexesMax) return {};
  return fail(
      limit_exceeded("Subscriber limit exceeded: Number of vector indexes exceeds per-table limit of " +
                     std::to_string(kVectorIndexesMax)));
}

ApiResult<void> check_dimensions_agree(const std::vector<model::IndexSchema>& indexes) {
  for (const model::IndexSchema& index : indexes) {
    if (!index.vector) continue;
    for (const model::IndexSchema& other : indexes) {
      if (!other.vector || other.vector->attribute != index.vector->attribute) continue;
      if (other.vector->dimensions == index.vector->dimensions) continue;
      return invalid("Vector indexes over one attribute must have the same number of dimensions: " +
                     index.vector->attribute);
    }
  }
  return {};
}

model::IndexSchema make_vector_index(const VectorIndexDefinition& definition,
                                     const std::vector<model::AttributeDefinition>& attributes) {
  model::IndexSchema index;
  index.name = definition.name;
  index.kind = model::IndexKind::kVector;
  index.projection.type = definition.projection.value_or(model::ProjectionType::kAll);
  index.projection.non_key_attributes = definition.non_key_attributes.value_or(std::vector<std::string>());
  std::ranges::sort(index.projection.non_key_attributes);
  index.vector = model::VectorSettings{.attribute = definition.attribute,
                                       .dimensions = static_cast<std::uint32_t>(definition.dimensions),
                                       .distance = definition.distance,
                                       .filters = {}};
  for (const SearchSchemaElement& element : definition.search_schema) {
    const model::AttributeDefinition* const attribute = find_definition(attributes, element.name);
    if (attribute == nullptr) continue;
    (element.is_partition_key ? index.keys.partition_keys : index.vector->filters).push_back(*attribute);
  }
  return index;
}

bool is_same_vector_index(const model::IndexSchema& index, const VectorIndexDefinition& wanted) {
  if (!index.vector || index.vector->attribute != wanted.attribute ||
      index.vector->dimensions != wanted.dimensions || index.vector->distance != wanted.distance ||
      index.projection.type != wanted.projection) {
    return false;
  }
  std::vector<std::string> filters;
  std::vector<std::string> keys;
  for (const SearchSchemaElement& element : wanted.search_schema) {
    (element.is_partition_key ? keys : filters).push_back(element.name);
  }
  const auto are_named = [](const auto& attributes, const auto& names) {
    return std::ranges::is_permutation(names, attributes, {}, {}, &model::AttributeDefinition::name);
  };
  return are_named(index.keys.partition_keys, keys) && are_named(index.vector->filters, filters) &&
         std::ranges::is_permutation(index.projection.non_key_attributes,
                                     wanted.non_key_attributes.value_or(std::vector<std::string>()));
}

void render_vector_index_settings(const model::IndexSchema& index, JsonWriter& json) {
  json.member("IndexName", index.name);
  json.key("VectorAttribute");
  json.begin_object();
  json.member("AttributeName", index.vector->attribute);
  json.end_object();
  if (!index.keys.partition_keys.empty() || !index.vector->filters.empty()) {
    const auto render = [&json](const std::vector<model::AttributeDefinition>& attributes, const char* type) {
      for (const model::AttributeDefinition& attribute : attributes) {
        json.begin_object();
        json.member("AttributeName", attribute.name);
        json.member("SearchSchemaElementType", type);
        json.end_object();
      }
    };
    json.key("SearchSchema");
    json.begin_array();
    render(index.keys.partition_keys, "HASH");
    render(index.vector->filters, "INLINE_FILTER");
    json.end_array();
  }
  json.key("Projection");
  render_projection(index.projection, json);
  json.member("Dimensions", std::int64_t{index.vector->dimensions});
  json.member("DistanceFunction", model::distance_function_name(index.vector->distance));
}

}  // namespace tidemark::api
