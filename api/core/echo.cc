#include "api/core/echo.h"

#include "api/core/input.h"
#include "base/bytes.h"
#include "base/json_copy.h"
#include "base/json_writer.h"

namespace tidemark::api {
namespace {

using json::Value;

// A value prints up to twenty times as long as it was sent: a large request must not make a huge answer.
constexpr std::size_t kEchoBytesMax = 1U << 20;

void append_echo(std::string* out, const Shape& shape, Value value);

// `[a, b]`, with what `append` makes of each element.
template <class Append>
void append_list(std::string* out, Value list, Append append) {
  out->push_back('[');
  bool is_first = true;
  Value element;
  for (json::ArrayCursor cursor = list.elements(); cursor.next(&element); is_first = false) {
    if (out->size() > kEchoBytesMax) break;
    if (!is_first) out->append(", ");
    append(element);
  }
  out->push_back(']');
}

// `{a=1, b=2}`
template <class Append>
void append_map(std::string* out, Value map, Append append) {
  out->push_back('{');
  bool is_first = true;
  std::string_view name;
  Value element;
  for (json::ObjectCursor cursor = map.members(); cursor.next(&name, &element); is_first = false) {
    if (out->size() > kEchoBytesMax) break;
    if (!is_first) out->append(", ");
    out->append(name).push_back('=');
    append(element);
  }
  out->push_back('}');
}

void append_scalar(std::string* out, Value value) {
  switch (value.type()) {
    case json::Type::kString:
      out->append(value.string());
      return;
    case json::Type::kBool:
      out->append(value.boolean() ? "true" : "false");
      return;
    case json::Type::kInteger:
    case json::Type::kDecimal:
      out->append(std::to_string(integer_of(value)));
      return;
    default:
      out->append("null");
  }
}

void append_buffer(std::string* out, Value value) {
  const std::string size = std::to_string(value.is_string() ? base64_decoded_size(value.string()) : 0);
  out->append("java.nio.HeapByteBuffer[pos=0 lim=").append(size).append(" cap=").append(size).push_back(']');
}

void append_attribute_value(std::string* out, Value value);

void append_content(std::string* out, std::string_view member, Value value) {
  if (member == "B") return append_buffer(out, value);
  if (member == "M" && value.is_object()) {
    return append_map(out, value, [out](Value inner) { append_attribute_value(out, inner); });
  }
  if (!value.is_array()) return append_scalar(out, value);
  append_list(out, value, [out, member](Value inner) {
    if (member == "L") return append_attribute_value(out, inner);
    member == "BS" ? append_buffer(out, inner) : append_scalar(out, inner);
  });
}

// The service's class has members that no client can send; all print, in this order.
void append_attribute_value(std::string* out, Value value) {
  static constexpr std::string_view kMembers[] = {"S",  "N",  "B",    "INT",    "DECIMAL",    "DOUBLE",
                                                  "SS", "NS", "BS",   "INTSET", "DECIMALSET", "DOUBLESET",
                                                  "M",  "L",  "NULL", "BOOL"};
  out->append("AttributeValue(");
  for (const std::string_view member : kMembers) {
    if (member != kMembers[0]) out->append(", ");
    append_lower_camel(out, member);
    out->push_back('=');
    const auto present = value.is_object() ? value.find(member) : std::nullopt;
    if (present) {
      append_content(out, member, *present);
    } else {
      out->append("null");
    }
  }
  out->push_back(')');
}

void append_structure(std::string* out, const Shape& shape, Value value) {
  out->append(shape.name).push_back('(');
  bool is_first = true;
  for (const Member& member : shape.members) {
    if (!is_first) out->append(", ");
    is_first = false;
    append_lower_camel(out, member.name);
    out->push_back('=');
    const auto present = value.find(member.name);
    if (present) {
      append_echo(out, member.shape, *present);
    } else {
      out->append("null");
    }
  }
  out->push_back(')');
}

void append_echo(std::string* out, const Shape& shape, Value value) {
  if (shape.kind == ShapeKind::kStructure && value.is_object()) return append_structure(out, shape, value);
  if (shape.kind == ShapeKind::kAttributeValue) return append_attribute_value(out, value);
  if (shape.kind == ShapeKind::kBlob) return append_buffer(out, value);
  const auto append_element = [&](Value element) { append_echo(out, shape.element.front(), element); };
  if (shape.kind == ShapeKind::kList && value.is_array()) return append_list(out, value, append_element);
  if (shape.kind == ShapeKind::kMap && value.is_object()) return append_map(out, value, append_element);
  append_scalar(out, value);
}

}  // namespace

std::string echo(const Shape& shape, Value value) {
  std::string text;
  append_echo(&text, shape, value);
  return text;
}

std::string json_echo(Value value) {
  std::string text;
  JsonWriter json(&text);
  write_value(value, json);
  return text;
}

void append_lower_camel(std::string* out, std::string_view name) {
  if (name.empty()) return;
  const char first = name.front();
  out->push_back(first >= 'A' && first <= 'Z' ? static_cast<char>(first - 'A' + 'a') : first);
  out->append(name.substr(1));
}

}  // namespace tidemark::api
