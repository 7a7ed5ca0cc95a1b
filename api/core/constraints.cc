#include "api/core/constraints.h"

#include <algorithm>
#include <string>
#include <vector>

#include "api/core/input.h"
#include "api/core/table_lookup.h"
#include "api/core/wording.h"

namespace tidemark::api {
namespace {

using json::Value;

constexpr std::size_t kViolationsMax = 10;
constexpr std::int64_t kArnLengthMax = 1'024;

// Where a value stands: a chain to the root, spelled out only when there is something to report.
struct Place {
  const Place* parent = nullptr;
  std::string_view name;     // a structure's member, or a map's key
  std::size_t position = 0;  // in a list, from 1; 0 otherwise
  bool is_map_key = false;
};

void append_place(std::string* out, const Place& place, bool pascal_case) {
  if (place.parent != nullptr) {
    append_place(out, *place.parent, pascal_case);
    out->push_back('.');
  }
  if (place.position != 0) {
    out->append(std::to_string(place.position)).append(".member");
  } else if (place.is_map_key) {
    out->append(place.name).append(".member");
  } else {
    const std::size_t start = out->size();
    out->append(place.name);
    if (!pascal_case && (*out)[start] >= 'A' && (*out)[start] <= 'Z') {
      (*out)[start] = static_cast<char>((*out)[start] - 'A' + 'a');
    }
  }
}

std::string place_text(const Place& place, bool pascal_case = false) {
  std::string text;
  append_place(&text, place, pascal_case);
  return text;
}

// Length as Java counts it: UTF-16 code units.
std::int64_t utf16_length(std::string_view text) {
  std::int64_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

bool matches_name_pattern(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

class Checker {
 public:
  void check_structure(const Shape& shape, Value value, const Place* parent);
  ApiResult<void> result();

 private:
  void check(const Shape& shape, Value value, const Place& place);
  void check_string(const Shape& shape, Value value, const Place& place);
  void check_length(const Shape& shape, Value value, std::int64_t length, const Place& place);
  void check_number(const Shape& shape, Value value, const Place& place);
  void check_list(const Shape& shape, Value value, const Place& place);
  void check_map(const Shape& shape, Value value, const Place& place);
  void report(const Shape& shape, Value value, const Place& place, std::string_view constraint);
  void report_null(const Place& place);

  std::vector<std::string> violations_;
  std::optional<std::vector<std::string>> alone_;  // what goes before all of violations_
  std::string_view missing_parameter_;
};

void Checker::report(const Shape& shape, Value value, const Place& place, std::string_view constraint) {
  std::string violation = shape.is_modern
                              ? wording::modern_violation(place_text(place, true), constraint)
                              : wording::violation(echo(shape, value), place_text(place), constraint);
  if (shape.reported_alone) {
    if (!alone_) alone_.emplace();
    alone_->push_back(std::move(violation));
  } else {
    violations_.push_back(std::move(violation));
  }
}

void Checker::report_null(const Place& place) {
  violations_.push_back(wording::null_violation(place_text(place)));
}

void Checker::check_length(const Shape& shape, Value value, std::int64_t length, const Place& place) {
  if (shape.min && length < *shape.min) {
    report(shape, value, place, wording::length_at_least(*shape.min));
  } else if (shape.max && length > *shape.max) {
    report(shape, value, place, wording::length_at_most(*shape.max));
  }
}

void Checker::check_string(const Shape& shape, Value value, const Place& place) {
  const std::string_view text = value.string();
  if (!shape.enum_values.empty()) {
    if (std::find(shape.enum_values.begin(), shape.enum_values.end(), text) == shape.enum_values.end()) {
      report(shape, value, place, wording::enum_value_set(shape.enum_values));
    }
    return;
  }
  if (shape.accepts_table_arn && text.starts_with("arn:")) {
    if (utf16_length(text) > kArnLengthMax) {
      report(shape, value, place, wording::length_at_most(kArnLengthMax));
    } else if (!parse_table_arn(text)) {
      report(shape, value, place, wording::kNamePattern);
    }
    return;
  }
  if (shape.has_name_pattern && !matches_name_pattern(text)) {
    report(shape, value, place, wording::kNamePattern);
  }
  if (shape.has_token_pattern && (text.empty() || text.find('$') != std::string_view::npos)) {
    report(shape, value, place, wording::kTokenPattern);
  }
  // Most strings are shorter in bytes than their limit in characters.
  const bool may_be_too_long = shape.max && static_cast<std::int64_t>(text.size()) > *shape.max;
  const auto bytes = static_cast<std::int64_t>(text.size());
  if (may_be_too_long || shape.min) {
    check_length(shape, value, bytes > 255 || may_be_too_long ? utf16_length(text) : bytes, place);
  }
}

void Checker::check_number(const Shape& shape, Value value, const Place& place) {
  const std::int64_t number = integer_of(value);
  if (shape.min && number < *shape.min) {
    report(shape, value, place, wording::value_at_least(*shape.min));
  } else if (shape.max && number > *shape.max) {
    report(shape, value, place, wording::value_at_most(*shape.max));
  }
}

void Checker::check_list(const Shape& shape, Value value, const Place& place) {
  if (shape.min || shape.max) check_length(shape, value, static_cast<std::int64_t>(value.size()), place);
  const Shape& element_shape = shape.element.front();
  if (element_shape.kind == ShapeKind::kAttributeValue) return;
  Place element_place{.parent = &place, .name = {}, .position = 0, .is_map_key = false};
  Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    ++element_place.position;
    if (element.is_null()) {
      report_null(element_place);
    } else {
      check(element_shape, element, element_place);
    }
    if (violations_.size() >= kViolationsMax) return;
  }
}

void Checker::check_map(const Shape& shape, Value value, const Place& place) {
  if (shape.min || shape.max) check_length(shape, value, static_cast<std::int64_t>(value.size()), place);
  const Shape& element_shape = shape.element.front();
  if (element_shape.kind == ShapeKind::kAttributeValue) return;
  Place element_place{.parent = &place, .name = {}, .position = 0, .is_map_key = true};
  bool has_bad_value_length = false;
  Value element;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&element_place.name, &element);) {
    if (element.is_null()) {
      report_null(element_place);
      continue;
    }
    if (shape.map_value_length_min) {
      const auto length = static_cast<std::int64_t>(element.size());
      has_bad_value_length |= length < *shape.map_value_length_min || length > *shape.map_value_length_max;
    }
    check(element_shape, element, element_place);
    if (violations_.size() >= kViolationsMax) return;
  }
  if (has_bad_value_length) {
    report(shape, value, place,
           wording::map_value_length(*shape.map_value_length_min, *shape.map_value_length_max));
  }
}

void Checker::check(const Shape& shape, Value value, const Place& place) {
  switch (shape.kind) {
    case ShapeKind::kString:
      return check_string(shape, value, place);
    case ShapeKind::kInteger:
    case ShapeKind::kLong:
      return check_number(shape, value, place);
    case ShapeKind::kList:
      return check_list(shape, value, place);
    case ShapeKind::kMap:
      return check_map(shape, value, place);
    case ShapeKind::kStructure:
      return check_structure(shape, value, &place);
    default:
      return;
  }
}

void Checker::check_structure(const Shape& shape, Value value, const Place* parent) {
  for (const Member& member : shape.members) {
    const Place place{.parent = parent, .name = member.name, .position = 0, .is_map_key = false};
    const auto present = value.find(member.name);
    if (present) {
      check(member.shape, *present, place);
    } else if (member.presence == Presence::kRequired) {
      report_null(place);
    } else if (member.presence == Presence::kRequiredParameter && missing_parameter_.empty()) {
      missing_parameter_ = member.name;
    }
    if (violations_.size() >= kViolationsMax) return;
  }
}

ApiResult<void> Checker::result() {
  if (!missing_parameter_.empty()) return fail(validation(wording::missing_parameter(missing_parameter_)));
  if (alone_) return fail(validation(wording::violations_detected(*alone_)));
  if (violations_.empty()) return {};
  return fail(validation(wording::violations_detected(violations_)));
}

void append_echo(std::string* out, const Shape& shape, Value value);

void append_structure_echo(std::string* out, const Shape& shape, Value value) {
  out->append(shape.name).push_back('(');
  bool is_first = true;
  for (const Member& member : shape.members) {
    const auto present = value.find(member.name);
    if (!present) continue;
    if (!is_first) out->append(", ");
    is_first = false;
    append_place(out, {.parent = nullptr, .name = member.name, .position = 0, .is_map_key = false}, false);
    out->push_back('=');
    append_echo(out, member.shape, *present);
  }
  out->push_back(')');
}

void append_untyped_echo(std::string* out, Value value) {
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
    case json::Type::kNull:
      out->append("null");
      return;
    default:
      break;
  }
  // The inside of an attribute value.
  const bool is_object = value.is_object();
  out->push_back(is_object ? '{' : '[');
  bool is_first = true;
  std::string_view name;
  Value element;
  if (is_object) {
    for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &element); is_first = false) {
      if (!is_first) out->append(", ");
      out->append(name).push_back('=');
      append_untyped_echo(out, element);
    }
  } else {
    for (json::ArrayCursor cursor = value.elements(); cursor.next(&element); is_first = false) {
      if (!is_first) out->append(", ");
      append_untyped_echo(out, element);
    }
  }
  out->push_back(is_object ? '}' : ']');
}

void append_echo(std::string* out, const Shape& shape, Value value) {
  bool is_first = true;
  Value element;
  std::string_view name;
  if (shape.kind == ShapeKind::kStructure && value.is_object()) {
    append_structure_echo(out, shape, value);
  } else if (shape.kind == ShapeKind::kList && value.is_array()) {
    out->push_back('[');
    for (json::ArrayCursor cursor = value.elements(); cursor.next(&element); is_first = false) {
      if (!is_first) out->append(", ");
      append_echo(out, shape.element.front(), element);
    }
    out->push_back(']');
  } else if (shape.kind == ShapeKind::kMap && value.is_object()) {
    out->push_back('{');
    for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &element); is_first = false) {
      if (!is_first) out->append(", ");
      out->append(name).push_back('=');
      append_echo(out, shape.element.front(), element);
    }
    out->push_back('}');
  } else if (shape.kind == ShapeKind::kAttributeValue) {
    out->append("AttributeValue");
    append_untyped_echo(out, value);
  } else {
    append_untyped_echo(out, value);
  }
}

}  // namespace

std::string echo(const Shape& shape, Value value) {
  std::string text;
  append_echo(&text, shape, value);
  return text;
}

ApiResult<void> check_constraints(const Shape& shape, Value body) {
  Checker checker;
  checker.check_structure(shape, body, nullptr);
  return checker.result();
}

}  // namespace tidemark::api
