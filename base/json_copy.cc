#include "base/json_copy.h"

#include <string_view>

namespace tidemark {
namespace {

void write_object(json::Value object, JsonWriter& json) {
  json.begin_object();
  std::string_view name;
  json::Value member;
  for (json::ObjectCursor members = object.members(); members.next(&name, &member);) {
    json.key(name);
    write_value(member, json);
  }
  json.end_object();
}

void write_array(json::Value array, JsonWriter& json) {
  json.begin_array();
  json::Value element;
  for (json::ArrayCursor elements = array.elements(); elements.next(&element);) write_value(element, json);
  json.end_array();
}

}  // namespace

void write_value(json::Value value, JsonWriter& json) {
  switch (value.type()) {
    case json::Type::kObject:
      return write_object(value, json);
    case json::Type::kArray:
      return write_array(value, json);
    case json::Type::kString:
      return json.string(value.string());
    case json::Type::kInteger:
      return json.number(value.integer());
    case json::Type::kDecimal:
      return json.decimal(value.decimal());
    case json::Type::kBool:
      return json.boolean(value.boolean());
    case json::Type::kNull:
      return json.null();
  }
}

}  // namespace tidemark
