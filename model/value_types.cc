#include "model/value_types.h"

#include "base/bytes.h"
#include "base/http_message.h"
#include "model/canonical_text.h"
#include "model/item.h"

namespace tidemark::model {
namespace {

using Defect = std::optional<std::string>;

// What the service's parser calls a scalar.
std::string token_name(json::Value value) {
  switch (value.type()) {
    case json::Type::kBool:
      return value.boolean() ? "TRUE_VALUE" : "FALSE_VALUE";
    case json::Type::kInteger:
      return "NUMBER_VALUE";
    case json::Type::kDecimal:
      return "DECIMAL_VALUE";
    default:
      return "STRING_VALUE";
  }
}

// A defect that every scalar of the Java class `name` shares: a list or an object where it is expected.
Defect collection_defect(json::Value value, std::string_view name) {
  if (value.is_array()) return unrecognized_collection("class " + std::string(name));
  if (value.is_object()) return kUnexpectedObject;
  return std::nullopt;
}

Defect boolean_defect(json::Value value) {
  if (value.is_null() || boolean_from_json(value)) return std::nullopt;
  if (auto defect = collection_defect(value, "java.lang.Boolean")) return defect;
  if (value.is_string()) return kNotABoolean;
  return cannot_be_converted(value, "Boolean");
}

template <class ElementDefect>
Defect array_defect(json::Value value, ElementDefect element_defect) {
  if (value.is_null()) return std::nullopt;
  if (value.is_object()) return kUnexpectedObject;
  if (!value.is_array()) return kUnexpectedField;
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (auto defect = element_defect(element)) return defect;
  }
  return std::nullopt;
}

Defect map_defect(json::Value value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_array()) {
    return unrecognized_collection(
        "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>");
  }
  if (!value.is_object()) return kUnexpectedField;
  std::string_view name;
  json::Value member;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &member);) {
    if (auto defect = value_serialization_defect(member)) return defect;
  }
  return std::nullopt;
}

Defect member_defect(AttributeType type, json::Value value) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kNumber:
      return string_defect(value);
    case AttributeType::kBinary:
      return binary_defect(value);
    case AttributeType::kBool:
    case AttributeType::kNull:
      return boolean_defect(value);
    case AttributeType::kStringSet:
    case AttributeType::kNumberSet:
      return array_defect(value, string_defect);
    case AttributeType::kBinarySet:
      return array_defect(value, binary_defect);
    case AttributeType::kList:
      return array_defect(value, value_serialization_defect);
    case AttributeType::kMap:
      break;
  }
  return map_defect(value);
}

}  // namespace

std::string cannot_be_converted(json::Value value, std::string_view java_class) {
  return token_name(value) + " cannot be converted to " + std::string(java_class);
}

std::string unrecognized_collection(std::string_view java_type) {
  return "Unrecognized collection type " + std::string(java_type);
}

std::optional<std::string> string_defect(json::Value value) {
  if (value.is_string() || value.is_null()) return std::nullopt;
  if (auto defect = collection_defect(value, "java.lang.String")) return defect;
  return cannot_be_converted(value, "String");
}

std::optional<std::string> binary_defect(json::Value value) {
  if (value.is_null()) return std::nullopt;
  if (auto defect = collection_defect(value, "java.nio.ByteBuffer")) return defect;
  if (!value.is_string()) return "only base-64-encoded strings are convertible to bytes";
  const std::string_view text = value.string();
  if (is_base64(text)) return std::nullopt;
  if (text.size() % 4 != 0) {
    return "Base64 encoded length is expected a multiple of 4 bytes but found: " +
           std::to_string(text.size());
  }
  return "Invalid last non-pad Base64 character dectected";  // sic
}

std::optional<bool> boolean_from_json(json::Value value) {
  if (value.type() == json::Type::kBool) return value.boolean();
  if (!value.is_string()) return std::nullopt;
  for (const std::string_view word : {"true", "yes", "1"}) {
    if (http::equal_ignoring_case(value.string(), word)) return true;
  }
  for (const std::string_view word : {"false", "no", "0"}) {
    if (http::equal_ignoring_case(value.string(), word)) return false;
  }
  return std::nullopt;
}

std::optional<std::string> value_serialization_defect(json::Value value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_array()) {
    return unrecognized_collection("class com.amazonaws.dynamodb.v20120810.AttributeValue");
  }
  if (!value.is_object()) return "Unexpected value type in payload";
  std::string_view name;
  json::Value member;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &member);) {
    const auto type = parse_type_descriptor(name);
    if (!type) continue;
    if (auto defect = member_defect(*type, member)) return defect;
  }
  return std::nullopt;
}

std::optional<std::string> serialization_defect(json::Value object) { return map_defect(object); }

}  // namespace tidemark::model
