// Primary keys: taken out of items, checked against a schema, encoded so that bytes sort as values do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/attribute_value.h"
#include "model/item.h"
#include "model/table_schema.h"

namespace tidemark::model {

// One key attribute's value. Sort bytes: S the UTF-8 bytes, B the raw bytes, N Number::append_sort_key.
struct KeyPart {
  KeyType type = KeyType::kString;
  std::string sort_bytes;
  bool operator==(const KeyPart&) const = default;
};

// The values of a KeySchema's attributes, in its order.
struct Key {
  std::vector<KeyPart> partition;
  std::vector<KeyPart> sort;
  bool operator==(const Key&) const = default;
};

// How a key condition compares a sort attribute. kNone: not at all.
enum class SortOperator {
  kNone,
  kEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBetween,
  kBeginsWith,
};

enum class KeyDefect {
  kMissing,  // the attribute is not there
  kWrongType,
  kEmpty,             // empty string or binary
  kPartitionTooLong,  // over 2,048 bytes
  kSortTooLong,       // over 1,024 bytes
};
struct KeyError {
  KeyDefect defect;
  std::string attribute;
  KeyType expected = KeyType::kString;
  AttributeType actual = AttributeType::kString;  // meaningful with kWrongType and kEmpty
};

// The key of an item. Attributes are judged in schema order; the first defect is
// reported.
Result<Key, KeyError> key_of(const KeySchema& schema, const ItemView& item);
Result<Key, KeyError> key_of(const KeySchema& schema, const AttributeMap& item);
// One value as key part. The value must be S, N or B.
KeyPart key_part_of(const AttributeValue& value);

// Appends the canonical value text a key part stands for: `{"S":"x"}`.
void append_key_part(std::string* out, const KeyPart& part);
// The attributes of a key as canonical item text: `{"pk":{"S":"x"},"sk":{"N":"1"}}`.
std::string key_text(const KeySchema& schema, const Key& key);

// The service's hash of a partition key: MD5 of "Outliers" followed by the key's sort bytes, first 16 bits,
// big endian. It orders Scan and places items in partitions. Several partition attributes are hashed one
// after the other.
std::uint16_t partition_hash(const std::vector<KeyPart>& partition);

}  // namespace tidemark::model
