// Size of items as the service counts it: names in UTF-8 bytes plus values.
// Source: DynamoDB developer guide, "DynamoDB item sizes and formats".
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/attribute_value.h"

namespace tidemark::model {

inline constexpr std::uint32_t kItemSizeBytesMax = 409'600;
inline constexpr std::uint32_t kPartitionKeyBytesMax = 2'048;
inline constexpr std::uint32_t kSortKeyBytesMax = 1'024;
inline constexpr std::size_t kAttributeNameBytesMax = 65'535;
inline constexpr int kNestingLevelsMax = 32;

// The value alone, without its name.
std::uint32_t value_size_bytes(const AttributeValue& value);
// The sum of names and values.
std::uint32_t item_size_bytes(const AttributeMap& item);

// What writing so much costs: a unit for each KB begun, at least one.
// Source: DynamoDB developer guide, "Write capacity units".
constexpr std::uint32_t write_units(std::uint32_t size_bytes) {
  return size_bytes == 0 ? 1 : (size_bytes + 1'023) / 1'024;
}

}  // namespace tidemark::model
