#include "model/item_checks.h"

#include <algorithm>
#include <optional>

#include "model/canonical_text.h"
#include "model/item_size.h"

namespace tidemark::model {
namespace {

// Attributes that stand in one role of an index's key, and the limit that they share.
struct Role {
  const std::vector<AttributeDefinition>& attributes;
  std::size_t bytes_max;
  KeyDefect too_long;
};

// The table's own key has been judged by the time its indexes are, by limits that hold in an index too, save
// that a partition key of 2,048 bytes is too long for a sort key.
bool is_judged_already(const KeySchema& table_keys, const Role& role, const std::string& name) {
  if (role.attributes.size() > 1) return false;  // they share the limit
  if (role.too_long == KeyDefect::kPartitionTooLong) return table_keys.contains(name);
  return std::ranges::any_of(table_keys.sort_keys,
                             [&](const AttributeDefinition& attribute) { return attribute.name == name; });
}

bool is_empty_text(std::string_view value_text) {
  return value_text == R"({"S":""})" || value_text == R"({"B":""})";
}

std::optional<KeyDefect> defect_of(const AttributeDefinition& attribute, std::string_view value_text) {
  if (type_of_text(value_text) != attribute_type(attribute.type)) return KeyDefect::kWrongType;
  if (is_empty_text(value_text)) return KeyDefect::kEmpty;
  return std::nullopt;
}

KeyError error_for(KeyDefect defect, const AttributeDefinition& attribute, std::string_view value_text) {
  return {defect, attribute.name, attribute.type, type_of_text(value_text).value_or(AttributeType::kString)};
}

// `is_changed` says whether an attribute is to be judged, given its value.
template <class IsChanged>
std::optional<KeyError> check_role(const KeySchema& table_keys, const Role& role, const ItemView& item,
                                   IsChanged is_changed) {
  std::size_t bytes = 0;
  bool any_changed = false;
  for (const AttributeDefinition& attribute : role.attributes) {
    if (is_judged_already(table_keys, role, attribute.name)) continue;
    const auto value_text = find_attribute(item, attribute.name);
    if (!value_text) continue;
    if (is_changed(attribute.name, *value_text)) {
      any_changed = true;
      if (const auto defect = defect_of(attribute, *value_text)) {
        return error_for(*defect, attribute, *value_text);
      }
    }
    bytes += value_text_size_bytes(*value_text);
    if (any_changed && bytes > role.bytes_max) return error_for(role.too_long, attribute, *value_text);
  }
  return std::nullopt;
}

template <class IsChanged>
Result<void, IndexKeyError> check_indexes(const TableSchema& schema, const ItemView& item,
                                          IsChanged is_changed) {
  for (const IndexSchema& index : schema.indexes) {
    const Role roles[] = {{index.keys.partition_keys, kPartitionKeyBytesMax, KeyDefect::kPartitionTooLong},
                          {index.keys.sort_keys, kSortKeyBytesMax, KeyDefect::kSortTooLong}};
    for (const Role& role : roles) {
      if (auto error = check_role(schema.keys, role, item, is_changed)) {
        return fail(IndexKeyError{index.name, *std::move(error)});
      }
    }
  }
  return {};
}

}  // namespace

bool is_too_large(const Item& item) { return item.size_bytes > kItemSizeBytesMax; }

Result<void, IndexKeyError> check_index_keys(const TableSchema& schema, const ItemView& item) {
  return check_indexes(schema, item, [](std::string_view, std::string_view) { return true; });
}

Result<void, IndexKeyError> check_updated_index_keys(const TableSchema& schema, std::string_view old_text,
                                                     std::string_view new_text) {
  return check_indexes(schema, new_text, [old_text](std::string_view name, std::string_view new_value) {
    return find_attribute(old_text, name) != new_value;
  });
}

Result<Key, ItemError> check_item(const TableSchema& schema, const Item& item) {
  if (is_too_large(item)) return fail(ItemError(ItemTooLarge{}));
  auto key = key_of(schema.keys, item);
  if (!key) return fail(ItemError(std::move(key.error())));
  if (auto index_keys = check_index_keys(schema, item); !index_keys) {
    return fail(ItemError(std::move(index_keys.error())));
  }
  return *std::move(key);
}

}  // namespace tidemark::model
