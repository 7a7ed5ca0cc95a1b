#include "model/table_schema.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tidemark::model {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// `us-east-1`, `us-gov-west-1`: words of letters, then one of digits.
bool is_aws_region(std::string_view region) {
  const std::size_t last = region.rfind('-');
  if (last == std::string_view::npos) return false;
  std::string_view words = region.substr(0, last);
  const std::string_view number = region.substr(last + 1);
  if (number.empty() || !std::all_of(number.begin(), number.end(), is_digit)) return false;
  if (words.find('-') == std::string_view::npos) return false;
  while (true) {
    const std::string_view word = words.substr(0, words.find('-'));
    if (word.empty() || !std::all_of(word.begin(), word.end(), is_lower)) return false;
    if (word.size() == words.size()) return true;
    words.remove_prefix(word.size() + 1);
  }
}

}  // namespace

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

std::string_view ttl_status_name(TtlStatus status) {
  static constexpr std::array<std::string_view, 3> kNames = {"ENABLING", "ENABLED", "DISABLING"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string_view arn_region(std::string_view region) { return is_aws_region(region) ? region : "ddblocal"; }

std::string TableSchema::arn() const {
  return "arn:aws:dynamodb:" + std::string(arn_region(region)) + ":" + account_id + ":table/" + name;
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

bool IndexSchema::uses_definition(std::string_view attribute) const {
  if (keys.contains(attribute)) return true;
  return vector && std::any_of(vector->filters.begin(), vector->filters.end(),
                               [attribute](const auto& filter) { return filter.name == attribute; });
}

bool TableSchema::has_vector_indexes() const {
  return std::any_of(indexes.begin(), indexes.end(),
                     [](const IndexSchema& index) { return index.kind == IndexKind::kVector; });
}

bool TableSchema::has_local_indexes() const {
  return std::any_of(indexes.begin(), indexes.end(),
                     [](const IndexSchema& index) { return index.kind == IndexKind::kLocal; });
}

}  // namespace tidemark::model
