#include "api/core/constraints.h"

#include <string>
#include <vector>

#include "api/core/echo.h"
#include "api/core/input.h"
#include "api/core/layer.h"
#include "api/core/table_lookup.h"
#include "base/utf8.h"
#include "model/table_name.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

using json::Value;

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
  } else if (pascal_case) {
    out->append(place.name);
  } else {
    append_lower_camel(out, place.name);
  }
}

std::string place_text(const Place& place, bool pascal_case = false) {
  std::string text;
  append_place(&text, place, pascal_case);
  return text;
}

std::string_view member_of_request(const Place& place) {
  return place.parent == nullptr ? place.name : member_of_request(*place.parent);
}

struct Violation {
  std::string text;
  std::string_view member = {};  // of the request, in which it is; empty where nobody asks
  bool is_alone = false;         // those that are not are left out beside it
};

class Checker {
 public:
  Checker(const Shape& request, Value body, model::Wording wording)
      : request_(request), body_(body), wording_(wording) {}

  void check() { check_structure(request_, body_, nullptr); }
  ApiResult<void> result();

 private:
  enum class Bound { kShort, kOther };
  // What is said of a map as a whole.
  struct MapDefects {
    bool has_bad_key = false;
    bool has_bad_value_length = false;
  };

  void check_structure(const Shape& shape, Value value, const Place* parent);
  void check(const Shape& shape, Value value, const Place& place);
  void check_string(const Shape& shape, Value value, const Place& place);
  void check_enum(const Shape& shape, Value value, const Place& place);
  void check_length(const Shape& shape, Value value, std::int64_t length, const Place& place);
  void check_number(const Shape& shape, Value value, const Place& place);
  void check_list(const Shape& shape, Value value, const Place& place);
  void check_map(const Shape& shape, Value value, const Place& place);
  void check_map_value_length(const Shape& shape, Value value, const Place& place, MapDefects* defects);
  void report_map(const Shape& shape, Value value, const Place& place, const MapDefects& defects);
  void report(const Shape& shape, Value value, const Place& place, std::string_view constraint,
              Bound bound = Bound::kOther);
  void report_null(const Place& place);

  [[nodiscard]] bool tells_all() const;
  bool speaks_currently();
  [[nodiscard]] bool has_enough() const { return violations_.size() >= words::kViolationsMax; }

  const Shape& request_;
  const Value body_;
  const model::Wording wording_;
  std::optional<bool> speaks_currently_;  // found out when there is something to say
  std::vector<Violation> violations_;
  std::string_view missing_parameter_;
};

bool Checker::tells_all() const {
  return !request_.tells_all_without.empty() && !body_.find(request_.tells_all_without);
}

bool Checker::speaks_currently() {
  if (!speaks_currently_) {
    speaks_currently_ =
        wording_ == model::Wording::kCurrent && !tells_all() && !nests_too_deep_for_newer_layer(body_);
  }
  return *speaks_currently_;
}

void Checker::report(const Shape& shape, Value value, const Place& place, std::string_view constraint,
                     Bound bound) {
  Violation violation;
  violation.member = member_of_request(place);
  violation.is_alone = shape.reported_alone;
  const bool drops_echo = shape.current_drops_echo_when_short && bound == Bound::kShort && speaks_currently();
  if (shape.is_never_echoed || drops_echo) {
    violation.text = words::violation_without_echo(place_text(place, true), constraint);
  } else if (!shape.current_enum_values.empty() && speaks_currently()) {
    violation.text = words::violation_without_place(words::enum_value_set(shape.current_enum_values));
  } else {
    violation.text = words::violation(echo(shape, value), place_text(place), constraint);
  }
  const auto at = shape.told_before.empty()
                      ? violations_.end()
                      : std::ranges::find(violations_, shape.told_before, &Violation::member);
  violations_.insert(at, std::move(violation));
}

void Checker::report_null(const Place& place) {
  violations_.push_back(
      {.text = words::null_violation(place_text(place)), .member = member_of_request(place)});
}

void Checker::check_length(const Shape& shape, Value value, std::int64_t length, const Place& place) {
  if (shape.min && length < *shape.min) {
    report(shape, value, place, words::length_at_least(*shape.min), Bound::kShort);
  } else if (shape.max && length > *shape.max) {
    report(shape, value, place, words::length_at_most(*shape.max));
  }
}

void Checker::check_enum(const Shape& shape, Value value, const Place& place) {
  if (std::ranges::find(shape.enum_values, value.string()) == shape.enum_values.end()) {
    report(shape, value, place, words::enum_value_set(shape.enum_values));
  }
}

void Checker::check_string(const Shape& shape, Value value, const Place& place) {
  const std::string_view text = value.string();
  if (!shape.enum_values.empty()) return check_enum(shape, value, place);
  if (shape.accepts_table_arn && text.starts_with("arn:")) {
    if (utf16_length(text) > kArnLengthMax) {
      report(shape, value, place, words::length_at_most(kArnLengthMax));
    } else if (!parse_table_arn(text)) {
      report(shape, value, place, words::kNamePattern);
    }
    return;
  }
  if (shape.has_name_pattern && !model::has_only_name_characters(text))
    report(shape, value, place, words::kNamePattern);
  if (shape.has_token_pattern && (text.empty() || text.find('$') != std::string_view::npos)) {
    report(shape, value, place, words::kTokenPattern);
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
    report(shape, value, place, words::value_at_least(*shape.min));
  } else if (shape.max && number > *shape.max) {
    report(shape, value, place, words::value_at_most(*shape.max));
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
    if (has_enough()) return;
  }
}

bool is_table_name_or_arn(std::string_view text) {
  if (text.starts_with("arn:")) return utf16_length(text) <= kArnLengthMax && parse_table_arn(text);
  return model::is_table_name(text);
}

void Checker::check_map_value_length(const Shape& shape, Value value, const Place& place,
                                     MapDefects* defects) {
  if (!shape.map_value_length_min) return;
  const auto length = static_cast<std::int64_t>(value.size());
  if (length > *shape.map_value_length_max && wording_ == model::Wording::kCurrent) {
    violations_.push_back({words::violation_without_echo(
        place_text(place, true), words::length_at_most(*shape.map_value_length_max))});
  } else if (length < *shape.map_value_length_min || length > *shape.map_value_length_max) {
    defects->has_bad_value_length = true;
  }
}

void Checker::report_map(const Shape& shape, Value value, const Place& place, const MapDefects& defects) {
  if (defects.has_bad_value_length) {
    report(shape, value, place,
           words::map_value_length(*shape.map_value_length_min, *shape.map_value_length_max));
  }
  if (!defects.has_bad_key) return;
  const std::string printed = shape.is_echoed_as_json ? json_echo(value) : echo(shape, value);
  violations_.push_back({words::violation(printed, place_text(place), words::kTableNameKeys)});
}

void Checker::check_map(const Shape& shape, Value value, const Place& place) {
  if (shape.min || shape.max) check_length(shape, value, static_cast<std::int64_t>(value.size()), place);
  const Shape& element_shape = shape.element.front();
  if (element_shape.kind == ShapeKind::kAttributeValue) return;
  Place element_place{.parent = &place, .name = {}, .position = 0, .is_map_key = true};
  MapDefects defects;
  Value element;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&element_place.name, &element);) {
    if (shape.has_table_name_keys && !is_table_name_or_arn(element_place.name)) defects.has_bad_key = true;
    if (element.is_null()) {
      report_null(element_place);
    } else {
      check_map_value_length(shape, element, element_place, &defects);
      check(element_shape, element, element_place);
    }
    if (has_enough()) return;
  }
  report_map(shape, value, place, defects);
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
    if (has_enough()) return;
  }
}

ApiResult<void> Checker::result() {
  if (!missing_parameter_.empty()) return fail(validation(words::missing_parameter(missing_parameter_)));
  if (violations_.empty()) return {};
  const bool only_alone = !tells_all() && std::ranges::any_of(violations_, &Violation::is_alone);
  std::vector<std::string> texts;
  for (Violation& violation : violations_) {
    if (violation.is_alone || !only_alone) texts.push_back(std::move(violation.text));
  }
  return fail(validation(words::violations_detected(texts)));
}

}  // namespace

ApiResult<void> check_constraints(const Shape& shape, Value body, model::Wording wording) {
  Checker checker(shape, body, wording);
  checker.check();
  return checker.result();
}

}  // namespace tidemark::api
