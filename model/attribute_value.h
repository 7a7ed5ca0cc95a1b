// An attribute value as a tree: what expressions work on. Plain reads and writes do not build one; they stay
// with the canonical text of model/item.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/number.h"

namespace tidemark::model {

// In the order of AttributeValue::data.
enum class AttributeType {
  kString,
  kNumber,
  kBinary,
  kBool,
  kNull,
  kStringSet,
  kNumberSet,
  kBinarySet,
  kList,
  kMap
};

// `S`, `N`, `B`, `BOOL`, `NULL`, `SS`, `NS`, `BS`, `L`, `M`
constexpr std::string_view type_descriptor(AttributeType type) {
  constexpr std::array<std::string_view, 10> kDescriptors = {"S",  "N",  "B",  "BOOL", "NULL",
                                                             "SS", "NS", "BS", "L",    "M"};
  return kDescriptors[static_cast<std::size_t>(type)];
}

struct AttributeValue;

// Sorted bytewise by name, which is the canonical order.
using AttributeMap = std::map<std::string, AttributeValue, std::less<>>;

struct Binary {
  std::string bytes;  // decoded
  auto operator<=>(const Binary&) const = default;
};
struct Null {
  bool operator==(const Null&) const = default;
};
// Sets are kept sorted (bytewise, or by number) and free of duplicates.
struct StringSet {
  std::vector<std::string> members;
  bool operator==(const StringSet&) const = default;
};
struct NumberSet {
  std::vector<Number> members;
  bool operator==(const NumberSet&) const = default;
};
struct BinarySet {
  std::vector<std::string> members;  // decoded
  bool operator==(const BinarySet&) const = default;
};
using List = std::vector<AttributeValue>;

struct AttributeValue {
  std::variant<std::string, Number, Binary, bool, Null, StringSet, NumberSet, BinarySet, List, AttributeMap>
      data;

  [[nodiscard]] AttributeType type() const { return static_cast<AttributeType>(data.index()); }

  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&data); }
  [[nodiscard]] const Number* number() const { return std::get_if<Number>(&data); }
  [[nodiscard]] const Binary* binary() const { return std::get_if<Binary>(&data); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&data); }
  [[nodiscard]] List* list() { return std::get_if<List>(&data); }
  [[nodiscard]] const AttributeMap* map() const { return std::get_if<AttributeMap>(&data); }
  [[nodiscard]] AttributeMap* map() { return std::get_if<AttributeMap>(&data); }
};

// Deep equality: numbers by value, sets and maps without order, lists in order, types must agree.
bool operator==(const AttributeValue& a, const AttributeValue& b);

}  // namespace tidemark::model
