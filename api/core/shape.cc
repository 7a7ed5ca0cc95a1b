#include "api/core/shape.h"

#include <utility>

namespace tidemark::api {
namespace {

Shape of_kind(ShapeKind kind) {
  Shape shape;
  shape.kind = kind;
  return shape;
}

constexpr std::int64_t kAttributeNameBytesMax = 65'535;

}  // namespace

Shape&& Shape::length(std::int64_t shortest, std::int64_t longest) && {
  min = shortest;
  max = longest;
  return std::move(*this);
}

Shape&& Shape::range(std::int64_t least, std::int64_t most) && {
  min = least;
  max = most;
  return std::move(*this);
}

Shape&& Shape::at_least(std::int64_t least) && {
  min = least;
  return std::move(*this);
}

Shape&& Shape::name_pattern() && {
  has_name_pattern = true;
  return std::move(*this);
}

Shape&& Shape::token_pattern() && {
  has_token_pattern = true;
  return std::move(*this);
}

Shape&& Shape::before(std::string_view member) && {
  told_before = member;
  return std::move(*this);
}

Shape&& Shape::alone() && {
  reported_alone = true;
  return std::move(*this);
}

Shape&& Shape::never_echoed() && {
  is_never_echoed = true;
  return std::move(*this);
}

Shape&& Shape::map_value_length(std::int64_t shortest, std::int64_t longest) && {
  map_value_length_min = shortest;
  map_value_length_max = longest;
  return std::move(*this);
}

Shape&& Shape::table_name_keys() && {
  has_table_name_keys = true;
  return std::move(*this);
}

Shape&& Shape::echoed_as_json() && {
  is_echoed_as_json = true;
  return std::move(*this);
}

Shape&& Shape::current_without_echo_when_short() && {
  current_drops_echo_when_short = true;
  return std::move(*this);
}

Shape&& Shape::current_enum(std::vector<std::string_view> values) && {
  current_enum_values = std::move(values);
  return std::move(*this);
}

Shape&& Shape::telling_all_without(std::string_view member) && {
  tells_all_without = member;
  return std::move(*this);
}

Shape string() { return of_kind(ShapeKind::kString); }
Shape integer() { return of_kind(ShapeKind::kInteger); }
Shape long_integer() { return of_kind(ShapeKind::kLong); }
Shape boolean() { return of_kind(ShapeKind::kBoolean); }
Shape blob() { return of_kind(ShapeKind::kBlob); }
Shape timestamp() { return of_kind(ShapeKind::kTimestamp); }

Shape attribute_value() {
  Shape shape = of_kind(ShapeKind::kAttributeValue);
  shape.name = "AttributeValue";
  return shape;
}

Shape enumeration(std::vector<std::string_view> values) {
  Shape shape = string();
  shape.enum_values = std::move(values);
  return shape;
}

Shape list_of(Shape element) {
  Shape shape = of_kind(ShapeKind::kList);
  shape.element.push_back(std::move(element));
  return shape;
}

Shape map_of(Shape element) {
  Shape shape = of_kind(ShapeKind::kMap);
  shape.element.push_back(std::move(element));
  return shape;
}

Shape structure(std::string_view name, std::vector<Member> members) {
  Shape shape = of_kind(ShapeKind::kStructure);
  shape.name = name;
  shape.members = std::move(members);
  return shape;
}

Shape table_name_or_arn() {
  Shape shape = string().length(1, 255).name_pattern().alone();
  shape.accepts_table_arn = true;
  return shape;
}

Shape table_name_or_arn_of_write() { return table_name_or_arn().current_without_echo_when_short(); }

Shape index_name() { return string().length(3, 255).name_pattern(); }
Shape attribute_map() { return map_of(attribute_value()); }
Shape attribute_names() { return list_of(string().length(0, kAttributeNameBytesMax)).at_least(1); }
Shape expression_names() { return map_of(string().length(0, kAttributeNameBytesMax)); }
Shape return_consumed_capacity() { return enumeration({"INDEXES", "TOTAL", "NONE"}); }

}  // namespace tidemark::api
