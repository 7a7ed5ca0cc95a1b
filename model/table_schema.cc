#include "model/table_schema.h"

#include <algorithm>
#include <array>

namespace tidemark::model {

std::string_view key_type_descriptor(KeyType type) { return type_descriptor(attribute_type(type)); }

std::optional<KeyType> parse_key_type(std::string_view descriptor) {
  for (const KeyType type : {KeyType::kString, KeyType::kNumber, KeyType::kBinary}) {
    if (key_type_descriptor(type) == descriptor) return type;
  }
  return std::nullopt;
}

AttributeType attribute_type(KeyType type) {
  switch (type) {
    case KeyType::kString:
      return AttributeType::kString;
    case KeyType::kNumber:
      return AttributeType::kNumber;
    case KeyType::kBinary:
      break;
  }
  return AttributeType::kBinary;
}

bool KeySchema::contains(std::string_view name) const {
  const auto is_named = [name](const AttributeDefinition& attribute) { return attribute.name == name; };
  return std::any_of(partition_keys.begin(), partition_keys.end(), is_named) ||
         std::any_of(sort_keys.begin(), sort_keys.end(), is_named);
}

std::string_view table_status_name(TableStatus status) {
  static constexpr std::array<std::string_view, 4> kNames = {"CREATING", "UPDATING", "DELETING", "ACTIVE"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string_view index_status_name(IndexStatus status) {
  static constexpr std::array<std::string_view, 4> kNames = {"CREATING", "UPDATING", "DELETING", "ACTIVE"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string TableSchema::arn() const {
  return "arn:aws:dynamodb:" + region + ":" + account_id + ":table/" + name;
}

const IndexSchema* TableSchema::find_index(std::string_view index_name) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(), [index_name](const IndexSchema& index) {
    return index.name == index_name;
  });
  return found == indexes.end() ? nullptr : &*found;
}

const IndexSchema* TableSchema::find_index(TableId index) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(),
                                  [index](const IndexSchema& one) { return one.id == index; });
  return found == indexes.end() ? nullptr : &*found;
}

bool TableSchema::has_local_indexes() const {
  return std::any_of(indexes.begin(), indexes.end(),
                     [](const IndexSchema& index) { return index.kind == IndexKind::kLocal; });
}

}  // namespace tidemark::model
