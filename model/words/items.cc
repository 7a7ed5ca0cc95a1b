#include "model/words/items.h"

namespace tidemark::model::words {
namespace {

// `The AttributeValue for a key attribute cannot contain an empty string value.`
std::string empty_key_value(const KeyError& error) {
  return error.actual == AttributeType::kBinary
             ? "The AttributeValue for a key attribute cannot contain an empty binary value."
             : "The AttributeValue for a key attribute cannot contain an empty string value.";
}

// Defects that read the same wherever the key stands. Sic: no blank in `of2048`.
std::string key_value_message(const KeyError& error) {
  switch (error.defect) {
    case KeyDefect::kPartitionTooLong:
      return "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit "
             "of2048 bytes";
    case KeyDefect::kSortTooLong:
      return "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the "
             "size limit of 1024 bytes";
    case KeyDefect::kEmpty:
      return "One or more parameter values are not valid. " + empty_key_value(error) +
             " Key: " + error.attribute;
    case KeyDefect::kMissing:
    case KeyDefect::kWrongType:
      break;
  }
  return std::string(kKeySchemaMismatch);
}

std::string index_type_mismatch(const IndexKeyError& error) {
  return "One or more parameter values were invalid: Type mismatch for Index Key " + error.key.attribute +
         " Expected: " + std::string(key_type_descriptor(error.key.expected)) +
         " Actual: " + std::string(type_descriptor(error.key.actual)) + " IndexName: " + error.index_name;
}

bool is_type_of_keys(AttributeType type) {
  return type == AttributeType::kString || type == AttributeType::kNumber || type == AttributeType::kBinary;
}

struct ItemMessage {
  std::string operator()(const ItemTooLarge&) const { return std::string(kItemTooLarge); }
  std::string operator()(const KeyError& error) const { return item_key_message(error); }
  std::string operator()(const IndexKeyError& error) const { return index_key_message(error); }
};

}  // namespace

std::string key_in_filter(std::string_view parameter, std::string_view attribute) {
  std::string text(parameter);
  return text.append(" can only contain non-primary key attributes: Primary key attribute: ")
      .append(attribute);
}

std::string item_key_message(const KeyError& error) {
  if (error.defect == KeyDefect::kMissing) {
    return "One or more parameter values were invalid: Missing the key " + error.attribute + " in the item";
  }
  if (error.defect == KeyDefect::kWrongType) {
    return "One or more parameter values were invalid: Type mismatch for key " + error.attribute +
           " expected: " + std::string(key_type_descriptor(error.expected)) +
           " actual: " + std::string(type_descriptor(error.actual));
  }
  return key_value_message(error);
}

std::string key_parameter_message(const KeyError& error) { return key_value_message(error); }

std::string index_key_message(const IndexKeyError& error) {
  if (error.key.defect == KeyDefect::kWrongType) return index_type_mismatch(error);
  if (error.key.defect == KeyDefect::kEmpty) {
    return "One or more parameter values are not valid. A value specified for a secondary index key is not "
           "supported. " +
           empty_key_value(error.key) + " IndexName: " + error.index_name +
           ", IndexKey: " + error.key.attribute;
  }
  return key_value_message(error.key);
}

std::string updated_index_key_message(const IndexKeyError& error, Wording wording) {
  if (error.key.defect == KeyDefect::kWrongType) {
    if (wording == Wording::kClassic && !is_type_of_keys(error.key.actual)) {
      return "The update expression attempted to update the secondary index key to unsupported type";
    }
    return index_type_mismatch(error);
  }
  if (error.key.defect == KeyDefect::kEmpty) {
    return "One or more parameter values are not valid. The update expression attempted to update a "
           "secondary index key to a value that is not supported. " +
           empty_key_value(error.key);
  }
  return key_value_message(error.key);
}

std::string item_message(const ItemError& error) { return std::visit(ItemMessage{}, error); }

}  // namespace tidemark::model::words
