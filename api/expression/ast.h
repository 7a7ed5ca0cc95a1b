// What expressions mean, as plain data. The parser leaves aliases in the tree; resolve.h puts names and
// values in their place. Code that translates the legacy parameters (Expected, AttributeUpdates, ScanFilter,
// ...) builds the same trees without a parser.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/attribute_value.h"

namespace tidemark::api::expression {

// Which request parameter the text came from: it stands in the prefix of every message.
enum class ExpressionKind { kUpdate, kCondition, kFilter, kProjection, kKeyCondition, kSearchCondition };
// `Update`, `Condition`, `Filter`, `Projection`, `KeyCondition`, `SearchCondition`
std::string_view kind_name(ExpressionKind kind);

// One step of a document path: a map member or a list element.
struct PathStep {
  std::variant<std::string, std::uint64_t> value;
  bool alias = false;  // a `#name` that has not been resolved yet

  PathStep(std::string name, bool is_alias = false) : value(std::move(name)), alias(is_alias) {}  // NOLINT
  PathStep(std::uint64_t index) : value(index) {}                                                 // NOLINT

  [[nodiscard]] const std::string* name() const { return std::get_if<std::string>(&value); }
  [[nodiscard]] const std::uint64_t* index() const { return std::get_if<std::uint64_t>(&value); }
  bool operator==(const PathStep& other) const { return value == other.value; }
};

// The first step is always a name: the top-level attribute.
struct Path {
  std::vector<PathStep> steps;

  [[nodiscard]] const std::string& top() const { return std::get<std::string>(steps.front().value); }
  [[nodiscard]] bool nested() const { return steps.size() > 1; }
  bool operator==(const Path&) const = default;
};
// `[a, b, [0]]`, as messages print paths.
std::string to_string(const Path& path);

// Shared, so that trees and substitutions can hold one big value once.
using ValuePointer = std::shared_ptr<const model::AttributeValue>;

enum class Function {
  kUnknown,
  kAttributeExists,
  kAttributeNotExists,
  kAttributeType,
  kBeginsWith,
  kContains,
  kSize,
  kIfNotExists,
  kListAppend,
};
// kUnknown if there is none of that name; names are case-sensitive.
Function function_of(std::string_view name);
std::string_view function_name(Function function);

enum class OperandKind { kPath, kValue, kFunction, kPlus, kMinus };

struct Operand {
  OperandKind kind = OperandKind::kPath;
  Path path;                               // kPath
  std::string placeholder;                 // kValue, `:v`; empty in trees that no text stands behind
  ValuePointer value;                      // kValue, once resolved
  Function function = Function::kUnknown;  // kFunction
  std::string function_text;               // kFunction, as written
  std::vector<Operand> arguments;          // kFunction, kPlus, kMinus

  static Operand of_path(Path path);
  static Operand of_value(model::AttributeValue value);
  static Operand of_value(ValuePointer value);
};

enum class Comparator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
std::string_view comparator_text(Comparator comparator);  // `<=`

enum class ConditionKind { kAnd, kOr, kNot, kCompare, kBetween, kIn, kFunction };

struct Condition {
  ConditionKind kind = ConditionKind::kAnd;
  std::vector<Condition> children;             // kAnd and kOr: two or more; kNot: one
  Comparator comparator = Comparator::kEqual;  // kCompare
  // kCompare: two; kBetween: value, lower, upper; kIn: value, candidates; kFunction: the arguments.
  std::vector<Operand> operands;
  Function function = Function::kUnknown;  // kFunction
  std::string function_text;               // kFunction, as written; empty in trees that no text stands behind

  static Condition of_function(Function function, std::vector<Operand> operands);
  static Condition negation_of(Condition inner);
};

enum class UpdateActionKind { kSet, kRemove, kAdd, kDelete };

struct UpdateAction {
  UpdateActionKind kind = UpdateActionKind::kSet;
  Path target;
  Operand operand;  // not with kRemove
};

struct Update {
  std::vector<UpdateAction> actions;  // in reading order
  // Rules of AttributeUpdates instead: ADD appends to lists, and a wrong type is
  // `Type mismatch for attribute to update`.
  bool legacy = false;
};

struct Projection {
  std::vector<Path> paths;
};

// Top-level attributes that the tree mentions: sorted, each once.
std::vector<std::string> referenced_attributes(const Condition& condition);
std::vector<std::string> referenced_attributes(const Update& update);
std::vector<std::string> referenced_attributes(const Projection& projection);

// Every path of the tree in reading order, for checks against a key schema: nested paths into key attributes,
// updates of key attributes. Pointers into the tree.
std::vector<const Path*> paths_of(const Condition& condition);
std::vector<const Path*> paths_of(const Projection& projection);
std::vector<const Path*> targets_of(const Update& update);

}  // namespace tidemark::api::expression
