#include "model/key_messages.h"

namespace tidemark::model {
namespace {

std::string too_long_message(KeyDefect defect) {
  if (defect == KeyDefect::kPartitionTooLong) {
    return "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit "
           "of2048 bytes";
  }
  return "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
         "limit of "
         "1024 bytes";
}

std::string empty_value_words(const KeyError& error) {
  return std::string("The AttributeValue for a key attribute cannot contain an empty ") +
         (error.actual == AttributeType::kBinary ? "binary" : "string") + " value.";
}

}  // namespace

std::string table_key_message(const KeyError& error) {
  switch (error.defect) {
    case KeyDefect::kMissing:
      return "One or more parameter values were invalid: Missing the key " + error.attribute + " in the item";
    case KeyDefect::kWrongType:
      return "One or more parameter values were invalid: Type mismatch for key " + error.attribute +
             " expected: " + std::string(key_type_descriptor(error.expected)) +
             " actual: " + std::string(type_descriptor(error.actual));
    case KeyDefect::kEmpty:
      return "One or more parameter values are not valid. " + empty_value_words(error) +
             " Key: " + error.attribute;
    case KeyDefect::kPartitionTooLong:
    case KeyDefect::kSortTooLong:
      return too_long_message(error.defect);
  }
  return {};
}

std::string index_key_message(const KeyError& error, std::string_view index_name) {
  switch (error.defect) {
    case KeyDefect::kMissing:
      return {};  // sparse: an item without the attribute is simply not in the index
    case KeyDefect::kWrongType:
      return "One or more parameter values were invalid: Type mismatch for Index Key " + error.attribute +
             " Expected: " + std::string(key_type_descriptor(error.expected)) +
             " Actual: " + std::string(type_descriptor(error.actual)) +
             " IndexName: " + std::string(index_name);
    case KeyDefect::kEmpty:
      return "One or more parameter values are not valid. A value specified for a secondary index key is not "
             "supported. " +
             empty_value_words(error) + " IndexName: " + std::string(index_name) +
             ", IndexKey: " + error.attribute;
    case KeyDefect::kPartitionTooLong:
    case KeyDefect::kSortTooLong:
      return too_long_message(error.defect);
  }
  return {};
}

}  // namespace tidemark::model
