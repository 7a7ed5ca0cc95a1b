// From text to trees that are ready to run: aliases replaced, everything checked that can be checked without
// an item.
//
// An operation goes through its parameters in this order (the service's):
//   check_attributes_have_expressions, Substitutions::parse,
//   then compile_update, compile_condition, compile_key_condition (key_condition.h), filter,
//   compile_projection, then Substitutions::require_all_used.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "base/json.h"

namespace tidemark::api::expression {

// ExpressionAttributeNames and ExpressionAttributeValues of one request. Remembers which were used.
class Substitutions {
 public:
  explicit Substitutions(model::Wording wording = model::kDefaultWording) : wording_(wording) {}

  // From the JSON objects of the request; absent ones are empty. Messages in the service's order: names
  // empty, their keys, values empty, their keys, the values themselves, the size of everything. Wrong JSON
  // types are SerializationExceptions.
  static ApiResult<Substitutions> parse(std::optional<json::Value> names, std::optional<json::Value> values,
                                        model::Wording wording);

  // Without JSON, for code that has the values already.
  void add_name(std::string alias, std::string name);
  void add_value(std::string placeholder, model::AttributeValue value);

  // Both mark what they find as used; null if not defined. `alias` with `#`, `placeholder` with `:`.
  const std::string* use_name(const std::string& alias);
  ValuePointer use_value(const std::string& placeholder);

  // That what was used until now may be stored: values that only conditions use may be nested deeper.
  [[nodiscard]] ApiResult<void> require_storable() const;
  // `Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}`, names before values.
  [[nodiscard]] ApiResult<void> require_all_used() const;

 private:
  template <class T>
  struct Entry {
    T value;
    bool used = false;
  };
  // Its size.
  ApiResult<std::size_t> add_value_of(json::Value value, std::string_view placeholder);
  [[nodiscard]] ApiError refused_value(const model::ValueError& why, std::string_view placeholder) const;

  template <class T>
  struct Table {
    std::map<std::string, Entry<T>, std::less<>> entries;
    std::vector<std::string> order;  // as the request has them, which is how messages list them
  };

  model::Wording wording_;
  Table<std::string> names_;
  Table<ValuePointer> values_;
  std::vector<std::string> too_deep_;  // placeholders of values that may not be stored
};

// An expression parameter of an operation that may hold values, in the order in which messages list them.
struct ExpressionParameter {
  std::string_view name;  // `ConditionExpression`
  bool given = false;
};
// `ExpressionAttributeNames can only be specified when using expressions`, and the like for values:
// `...: UpdateExpression and ConditionExpression are null`, which kCurrent leaves off. `any_expression`
// counts ProjectionExpression too.
ApiResult<void> check_attributes_have_expressions(bool names_given, bool values_given, bool any_expression,
                                                  std::initializer_list<ExpressionParameter> with_values,
                                                  model::Wording wording);

// `kind` is kCondition, kFilter, kKeyCondition or kSearchCondition.
ApiResult<Condition> compile_condition(ExpressionKind kind, std::string_view text,
                                       Substitutions& substitutions);
ApiResult<Update> compile_update(std::string_view text, Substitutions& substitutions);
ApiResult<Projection> compile_projection(std::string_view text, Substitutions& substitutions);

// For trees without aliases and placeholders: what can be judged of operands before any item is seen. The
// error is the text of a message without its prefix.
Result<void, std::string> check_operands(Condition* condition);
Result<void, std::string> check_operands(Update* update);

// Nothing if `text` is nothing: for optional parameters.
ApiResult<std::optional<Condition>> compile_optional_condition(ExpressionKind kind,
                                                               std::optional<std::string_view> text,
                                                               Substitutions& substitutions);
ApiResult<std::optional<Update>> compile_optional_update(std::optional<std::string_view> text,
                                                         Substitutions& substitutions);
ApiResult<std::optional<Projection>> compile_optional_projection(std::optional<std::string_view> text,
                                                                 Substitutions& substitutions);

}  // namespace tidemark::api::expression
