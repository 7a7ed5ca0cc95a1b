// The input of an operation as data: which members there are, of which types, and the constraints that the
// service checks before anything else. One description drives the type check (SerializationException) and the
// constraint check (`N validation errors detected: ...`).
//
//   const Shape shape = structure("ListTablesInput", {
//       {"Limit", integer().range(1, 100)},
//       {"ExclusiveStartTableName", string().length(3, 255).name_pattern()},
//   });
//
// Members are listed in the order in which the service reports them, which is fixed per operation and is not
// alphabetical. Source: api-model of the service for types and limits, recorded answers for the order.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tidemark::api {

enum class ShapeKind {
  kString,
  kInteger,
  kLong,
  kDouble,
  kBoolean,
  kBlob,
  kTimestamp,       // epoch seconds as a number
  kAttributeValue,  // {"S":"x"}: looked into only when the request fails, see type_check.h
  kList,
  kMap,
  kStructure,
};

struct Member;

struct Shape {
  ShapeKind kind = ShapeKind::kString;
  std::string_view name;        // of a structure: the service's class name, which messages print
  std::vector<Member> members;  // of a structure, in reporting order
  std::vector<Shape> element;   // of a list or map: exactly one

  // Constraints. Bounds are lengths for strings, lists and maps, values for numbers.
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  bool has_name_pattern = false;              // [a-zA-Z0-9_.-]+
  bool has_token_pattern = false;             // ^[^\$]+$
  std::vector<std::string_view> enum_values;  // in the order in which messages print them
  bool accepts_table_arn = false;  // a string that begins with `arn:` is bound by 1,024 bytes alone
  bool reported_alone = false;     // a violation by its value suppresses those of other members
  std::string_view told_before;    // a member of the request whose violations stand after those of this value
  bool is_never_echoed = false;    // violations are `Value at 'Limit' failed ...` in both wordings
  // Reported as `Map value must satisfy constraint: [...]`, a value that is too long under kCurrent as
  // `Value at 'RequestItems.tab.member' failed ...`.
  std::optional<std::int64_t> map_value_length_min, map_value_length_max;

  // A map whose keys are table names or ARNs: reported as `Map keys must satisfy constraint: [...]`.
  bool has_table_name_keys = false;
  bool is_echoed_as_json = false;  // with bad keys

  // Without this member of a request all violations are reported, also beside one that is otherwise reported
  // alone, and in the classic form under both wordings.
  std::string_view tells_all_without;

  // Under Wording::kCurrent:
  bool current_drops_echo_when_short = false;         // `Value at 'TableName' failed ...` when too short
  std::vector<std::string_view> current_enum_values;  // `Failed to satisfy constraint: ...` with these values

  Shape&& length(std::int64_t shortest, std::int64_t longest) &&;
  Shape&& range(std::int64_t least, std::int64_t most) &&;
  Shape&& at_least(std::int64_t least) &&;
  Shape&& name_pattern() &&;
  Shape&& token_pattern() &&;
  Shape&& alone() &&;
  Shape&& before(std::string_view member) &&;
  Shape&& never_echoed() &&;
  Shape&& map_value_length(std::int64_t shortest, std::int64_t longest) &&;
  Shape&& table_name_keys() &&;
  Shape&& echoed_as_json() &&;
  Shape&& current_without_echo_when_short() &&;
  Shape&& current_enum(std::vector<std::string_view> values) &&;
  Shape&& telling_all_without(std::string_view member) &&;
};

enum class Presence {
  kOptional,
  kRequired,  // `Value null at 'key' failed to satisfy constraint: Member must not be null`
  // `The parameter 'TableName' is required but was not present in the request`, before and instead of any
  // other constraint
  kRequiredParameter,
};

struct Member {
  std::string_view name;
  Shape shape;
  Presence presence = Presence::kOptional;
};

Shape string();
Shape integer();
Shape long_integer();
Shape boolean();
Shape blob();
Shape timestamp();
Shape attribute_value();
Shape enumeration(std::vector<std::string_view> values);
Shape list_of(Shape element);
Shape map_of(Shape element);
Shape structure(std::string_view name, std::vector<Member> members);

// Shapes that many operations share.

// A table name or ARN of the data plane: 1 to 255 characters, reported alone when ill-formed.
Shape table_name_or_arn();
// The same for PutItem, UpdateItem and DeleteItem.
Shape table_name_or_arn_of_write();
Shape index_name();
Shape attribute_map();     // map of attribute values: Item, Key, ExclusiveStartKey
Shape attribute_names();   // AttributesToGet
Shape expression_names();  // ExpressionAttributeNames
Shape return_consumed_capacity();

}  // namespace tidemark::api
