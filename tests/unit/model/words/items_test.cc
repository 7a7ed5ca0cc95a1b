#include "model/words/items.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::model::words {
namespace {

constexpr std::string_view kHashTooLong =
    "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 "
    "bytes";
constexpr std::string_view kRangeTooLong =
    "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
    "limit "
    "of 1024 bytes";

KeyError error_of(KeyDefect defect, AttributeType actual = AttributeType::kNumber) {
  return {defect, "a", KeyType::kString, actual};
}

TEST_CASE("keys of items and Key parameters") {
  struct Case {
    KeyError error;
    std::string_view of_item, of_parameter;
  };
  const auto c = GENERATE(values<Case>({
      {error_of(KeyDefect::kMissing),
       "One or more parameter values were invalid: Missing the key a in the item",
       "The provided key element does not match the schema"},
      {error_of(KeyDefect::kWrongType),
       "One or more parameter values were invalid: Type mismatch for key a expected: S actual: N",
       "The provided key element does not match the schema"},
      {error_of(KeyDefect::kEmpty, AttributeType::kString),
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty string value. Key: a",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty string value. Key: a"},
      {error_of(KeyDefect::kEmpty, AttributeType::kBinary),
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty binary value. Key: a",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty binary value. Key: a"},
      {error_of(KeyDefect::kPartitionTooLong), kHashTooLong, kHashTooLong},
      {error_of(KeyDefect::kSortTooLong), kRangeTooLong, kRangeTooLong},
  }));
  CHECK(item_key_message(c.error) == c.of_item);
  CHECK(item_message(c.error) == c.of_item);
  CHECK(key_parameter_message(c.error) == c.of_parameter);
}

TEST_CASE("index keys of items and of what updates make") {
  constexpr std::string_view kMismatch =
      "One or more parameter values were invalid: Type mismatch for Index Key a Expected: S Actual: ";
  struct Case {
    KeyError error;
    std::string put, updated_classic, updated_current;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {error_of(KeyDefect::kWrongType), std::string(kMismatch) + "N IndexName: i",
       std::string(kMismatch) + "N IndexName: i", std::string(kMismatch) + "N IndexName: i"},
      {error_of(KeyDefect::kWrongType, AttributeType::kMap), std::string(kMismatch) + "M IndexName: i",
       "The update expression attempted to update the secondary index key to unsupported type",
       std::string(kMismatch) + "M IndexName: i"},
      {error_of(KeyDefect::kEmpty, AttributeType::kString),
       "One or more parameter values are not valid. A value specified for a secondary index key is not "
       "supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: "
       "i, "
       "IndexKey: a",
       "One or more parameter values are not valid. The update expression attempted to update a secondary "
       "index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an "
       "empty string value.",
       "One or more parameter values are not valid. The update expression attempted to update a secondary "
       "index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an "
       "empty string value."},
      {error_of(KeyDefect::kSortTooLong), std::string(kRangeTooLong), std::string(kRangeTooLong),
       std::string(kRangeTooLong)},
  }));
  const IndexKeyError error{"i", c.error};
  CHECK(index_key_message(error) == c.put);
  CHECK(item_message(error) == c.put);
  CHECK(updated_index_key_message(error, Wording::kClassic) == c.updated_classic);
  CHECK(updated_index_key_message(error, Wording::kCurrent) == c.updated_current);
}

TEST_CASE("an item that is too large") {
  CHECK(item_message(ItemTooLarge{}) == "Item size has exceeded the maximum allowed size");
}

}  // namespace
}  // namespace tidemark::model::words
