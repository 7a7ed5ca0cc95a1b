#include "api/core/type_check.h"

#include <string>

#include "model/value_types.h"

namespace tidemark::api {
namespace {

using json::Type;
using json::Value;

// A scalar where a list or map stands inside another list or map.
constexpr std::string_view kParameterizedType =
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are "
    "in "
    "module java.base of loader 'bootstrap')";

struct Walk {
  bool into_attribute_values = false;
};

tl::unexpected<ApiError> refuse(std::string_view message) {
  return fail(serialization(std::string(message)));
}

std::string_view java_scalar(ShapeKind kind) {
  switch (kind) {
    case ShapeKind::kInteger:
      return "Integer";
    case ShapeKind::kLong:
      return "Long";
    case ShapeKind::kDouble:
      return "Double";
    case ShapeKind::kBoolean:
      return "Boolean";
    default:
      return "String";
  }
}

// `class java.lang.String`, `java.util.Map<java.lang.String, ...>`: how the deserializer prints a type.
std::string java_type(const Shape& shape, bool nested) {
  switch (shape.kind) {
    case ShapeKind::kBlob:
      return nested ? "java.nio.ByteBuffer" : "class java.nio.ByteBuffer";
    case ShapeKind::kTimestamp:
      return nested ? "java.util.Date" : "class java.util.Date";
    case ShapeKind::kAttributeValue:
    case ShapeKind::kStructure:
      return (nested ? "com.amazonaws.dynamodb.v20120810." : "class com.amazonaws.dynamodb.v20120810.") +
             std::string(shape.name);
    case ShapeKind::kList:
      return "java.util.List<" + java_type(shape.element.front(), true) + ">";
    case ShapeKind::kMap:
      return "java.util.Map<java.lang.String, " + java_type(shape.element.front(), true) + ">";
    default:
      return (nested ? "java.lang." : "class java.lang.") + std::string(java_scalar(shape.kind));
  }
}

ApiResult<void> refuse_collection(const Shape& shape) {
  return refuse(model::unrecognized_collection(java_type(shape, false)));
}

ApiResult<void> cannot_convert(Value value, std::string_view java_name) {
  return refuse(model::cannot_be_converted(value, java_name));
}

ApiResult<void> check_blob(Value value) {
  if (const auto defect = model::binary_defect(value)) return refuse(*defect);
  return {};
}

ApiResult<void> check_scalar(const Shape& shape, Value value) {
  if (value.is_array()) return refuse_collection(shape);
  if (value.is_object()) return refuse(model::kUnexpectedObject);
  switch (shape.kind) {
    case ShapeKind::kBlob:
      return check_blob(value);
    case ShapeKind::kBoolean:
      if (value.is_string() && !model::boolean_from_json(value)) return refuse(model::kNotABoolean);
      if (!value.is_string() && value.type() != Type::kBool) return cannot_convert(value, "Boolean");
      return {};
    case ShapeKind::kInteger:
    case ShapeKind::kLong:
    case ShapeKind::kDouble:
      if (value.is_string() || value.type() == Type::kBool) {
        return cannot_convert(value, java_scalar(shape.kind));
      }
      return {};
    case ShapeKind::kTimestamp:
      if (value.is_string() || value.type() == Type::kBool) return cannot_convert(value, "Date");
      return {};
    default:
      if (!value.is_string()) return cannot_convert(value, "String");
      return {};
  }
}

ApiResult<void> check(const Shape& shape, Value value, Walk walk, bool inside_container);

const Shape* member_shape(const Shape& structure, std::string_view name) {
  for (const Member& member : structure.members) {
    if (member.name == name) return &member.shape;
  }
  return nullptr;
}

ApiResult<void> check_structure(const Shape& shape, Value value, Walk walk) {
  std::string_view name;
  Value member;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &member);) {
    const Shape* const expected = member_shape(shape, name);
    if (expected == nullptr || member.is_null()) continue;
    RETURN_IF_ERROR(check(*expected, member, walk, false));
  }
  return {};
}

ApiResult<void> check_attribute_value(Value value, Walk walk) {
  if (!walk.into_attribute_values) return {};
  if (const auto defect = model::value_serialization_defect(value)) return refuse(*defect);
  return {};
}

ApiResult<void> check_list(const Shape& shape, Value value, Walk walk, bool inside_container) {
  if (value.is_object()) return refuse(model::kUnexpectedObject);
  if (!value.is_array()) return refuse(inside_container ? kParameterizedType : model::kUnexpectedField);
  Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (!element.is_null()) RETURN_IF_ERROR(check(shape.element.front(), element, walk, true));
  }
  return {};
}

ApiResult<void> check_map(const Shape& shape, Value value, Walk walk, bool inside_container) {
  if (value.is_array()) return refuse_collection(shape);
  if (!value.is_object()) return refuse(inside_container ? kParameterizedType : model::kUnexpectedField);
  const Shape& expected = shape.element.front();
  if (expected.kind == ShapeKind::kAttributeValue && !walk.into_attribute_values) return {};
  std::string_view name;
  Value element;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &element);) {
    if (!element.is_null()) RETURN_IF_ERROR(check(expected, element, walk, true));
  }
  return {};
}

ApiResult<void> check(const Shape& shape, Value value, Walk walk, bool inside_container) {
  switch (shape.kind) {
    case ShapeKind::kAttributeValue:
      return check_attribute_value(value, walk);
    case ShapeKind::kList:
      return check_list(shape, value, walk, inside_container);
    case ShapeKind::kMap:
      return check_map(shape, value, walk, inside_container);
    case ShapeKind::kStructure:
      if (value.is_array()) return refuse_collection(shape);
      if (!value.is_object()) return refuse(model::kUnexpectedField);
      return check_structure(shape, value, walk);
    default:
      return check_scalar(shape, value);
  }
}

}  // namespace

ApiResult<void> check_types(const Shape& shape, Value body) {
  // The service says nothing about a body that is JSON but no object.
  if (!body.is_object()) return fail(serialization());
  return check_structure(shape, body, {.into_attribute_values = false});
}

ApiResult<void> check_types_in_attribute_values(const Shape& shape, Value body) {
  if (!body.is_object()) return fail(serialization());
  return check_structure(shape, body, {.into_attribute_values = true});
}

}  // namespace tidemark::api
