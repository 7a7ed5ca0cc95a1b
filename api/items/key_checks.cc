#include "api/items/key_checks.h"

#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "model/attribute_value.h"
#include "model/item_size.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kInvalidValues = "One or more parameter values were invalid: ";

std::string_view empty_value_name(model::AttributeType type) {
  return type == model::AttributeType::kBinary ? "binary" : "string";
}

// `... cannot contain an empty string value.`
std::string empty_value_text(model::AttributeType type) {
  return "The AttributeValue for a key attribute cannot contain an empty " +
         std::string(empty_value_name(type)) + " value.";
}

ApiError empty_key(const model::KeyError& error) {
  return validation("One or more parameter values are not valid. " + empty_value_text(error.actual) +
                    " Key: " + error.attribute);
}

ApiError partition_key_too_long() {
  return validation(std::string(kInvalidValues) +
                    "Size of hashkey has exceeded the maximum size limit of2048 bytes");
}

ApiError sort_key_too_long() {
  return validation(std::string(kInvalidValues) +
                    "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
}

// Defects that read the same wherever the key comes from.
ApiError value_defect(const model::KeyError& error) {
  switch (error.defect) {
    case model::KeyDefect::kEmpty:
      return empty_key(error);
    case model::KeyDefect::kPartitionTooLong:
      return partition_key_too_long();
    case model::KeyDefect::kSortTooLong:
      return sort_key_too_long();
    case model::KeyDefect::kMissing:
    case model::KeyDefect::kWrongType:
      break;
  }
  return key_schema_mismatch();
}

ApiError new_item_key_error(const model::KeyError& error) {
  if (error.defect == model::KeyDefect::kMissing) {
    return validation(std::string(kInvalidValues) + "Missing the key " + error.attribute + " in the item");
  }
  if (error.defect == model::KeyDefect::kWrongType) {
    return validation(std::string(kInvalidValues) + "Type mismatch for key " + error.attribute +
                      " expected: " + std::string(model::key_type_descriptor(error.expected)) +
                      " actual: " + std::string(model::type_descriptor(error.actual)));
  }
  return value_defect(error);
}

// The descriptor in front of a canonical value: `S` of `{"S":"x"}`.
std::string_view descriptor_of(std::string_view value_text) {
  return value_text.substr(2, value_text.find('"', 2) - 2);
}

bool is_empty_text(std::string_view value_text) {
  return value_text == R"({"S":""})" || value_text == R"({"B":""})";
}

bool is_key_type(std::string_view descriptor) {
  return descriptor == "S" || descriptor == "N" || descriptor == "B";
}

ApiError index_type_mismatch(const model::IndexSchema& index, const model::AttributeDefinition& attribute,
                             std::string_view actual) {
  return validation(std::string(kInvalidValues) + "Type mismatch for Index Key " + attribute.name +
                    " Expected: " + std::string(model::key_type_descriptor(attribute.type)) +
                    " Actual: " + std::string(actual) + " IndexName: " + index.name);
}

enum class Cause { kPut, kUpdate };

ApiError empty_index_key(const model::IndexSchema& index, const model::AttributeDefinition& attribute,
                         Cause cause) {
  const std::string empty_value = empty_value_text(model::attribute_type(attribute.type));
  if (cause == Cause::kUpdate) {
    return validation(
        "One or more parameter values are not valid. The update expression attempted to update a secondary "
        "index "
        "key to a value that is not supported. " +
        empty_value);
  }
  return validation(
      "One or more parameter values are not valid. A value specified for a secondary index key is not "
      "supported. " +
      empty_value + " IndexName: " + index.name + ", IndexKey: " + attribute.name);
}

ApiResult<void> check_index_key(const model::IndexSchema& index, const model::AttributeDefinition& attribute,
                                std::string_view value_text, bool is_partition, Cause cause) {
  const std::string_view descriptor = descriptor_of(value_text);
  if (descriptor != model::key_type_descriptor(attribute.type)) {
    if (cause == Cause::kUpdate && !is_key_type(descriptor)) {
      return fail(validation(
          "The update expression attempted to update the secondary index key to unsupported type"));
    }
    return fail(index_type_mismatch(index, attribute, descriptor));
  }
  if (is_empty_text(value_text)) return fail(empty_index_key(index, attribute, cause));
  const std::uint32_t size_bytes = model::value_text_size_bytes(value_text);
  if (is_partition && size_bytes > model::kPartitionKeyBytesMax) return fail(partition_key_too_long());
  if (!is_partition && size_bytes > model::kSortKeyBytesMax) return fail(sort_key_too_long());
  return {};
}

// `changed` says whether an attribute is to be judged, given its new value.
template <class Changed>
ApiResult<void> check_indexes(const model::TableSchema& schema, std::string_view item_text, Cause cause,
                              Changed changed) {
  for (const model::IndexSchema& index : schema.indexes) {
    for (const auto* attributes : {&index.keys.partition_keys, &index.keys.sort_keys}) {
      for (const model::AttributeDefinition& attribute : *attributes) {
        if (schema.keys.contains(attribute.name)) continue;  // judged with the table's own key
        const auto value_text = model::find_attribute(item_text, attribute.name);
        if (!value_text || !changed(attribute.name, *value_text)) continue;
        RETURN_IF_ERROR(
            check_index_key(index, attribute, *value_text, attributes == &index.keys.partition_keys, cause));
      }
    }
  }
  return {};
}

std::size_t attribute_count(std::string_view item_text) {
  model::AttributeCursor cursor(item_text);
  std::string_view name, value;
  std::size_t count = 0;
  while (cursor.next(&name, &value)) ++count;
  return count;
}

}  // namespace

ApiError key_schema_mismatch() { return validation("The provided key element does not match the schema"); }

ApiResult<model::Key> key_of_new_item(const model::KeySchema& schema, std::string_view item_text) {
  auto key = model::key_of(schema, item_text);
  if (!key) return fail(new_item_key_error(key.error()));
  return std::move(*key);
}

ApiResult<model::Key> key_of_request(const model::KeySchema& schema, std::string_view key_text) {
  if (attribute_count(key_text) != schema.partition_keys.size() + schema.sort_keys.size()) {
    return fail(key_schema_mismatch());
  }
  return key_of_batch_item(schema, key_text);
}

ApiResult<model::Key> key_of_batch_item(const model::KeySchema& schema, std::string_view item_text) {
  auto key = model::key_of(schema, item_text);
  if (!key) return fail(value_defect(key.error()));
  return std::move(*key);
}

ApiResult<void> check_index_keys(const model::TableSchema& schema, std::string_view item_text) {
  return check_indexes(schema, item_text, Cause::kPut,
                       [](std::string_view, std::string_view) { return true; });
}

ApiResult<void> check_updated_index_keys(const model::TableSchema& schema, std::string_view old_text,
                                         std::string_view new_text) {
  return check_indexes(schema, new_text, Cause::kUpdate,
                       [&](std::string_view name, std::string_view new_value) {
                         return model::find_attribute(old_text, name) != new_value;
                       });
}

}  // namespace tidemark::api
