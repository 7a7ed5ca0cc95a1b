#include "model/attribute_value.h"

#include <array>

namespace tidemark::model {

std::string_view type_descriptor(AttributeType type) {
  static constexpr std::array<std::string_view, 10> kDescriptors = {"S",  "N",  "B",  "BOOL", "NULL",
                                                                    "SS", "NS", "BS", "L",    "M"};
  return kDescriptors[static_cast<std::size_t>(type)];
}

bool operator==(const AttributeValue& a, const AttributeValue& b) { return a.data == b.data; }

}  // namespace tidemark::model
