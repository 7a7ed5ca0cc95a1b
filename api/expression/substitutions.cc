#include <algorithm>

#include "api/expression/resolve.h"
#include "model/item.h"
#include "model/item_size.h"
#include "model/value_error.h"
#include "model/value_types.h"

namespace tidemark::api::expression {
namespace {

constexpr std::string_view kNames = "ExpressionAttributeNames";
constexpr std::string_view kValues = "ExpressionAttributeValues";

// What names and values may come to together. Source: DynamoDB developer guide, "Service quotas",
// "Expression parameters".
constexpr std::size_t kSubstitutionBytesMax = 2 << 20;

// Values that are compared and not stored may be nested so deep; as recorded, 40 levels are refused
// everywhere.
constexpr int kConditionValueLevelsMax = 39;

bool is_alias(std::string_view key, char sigil) {
  const auto belongs = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return key.size() > 1 && key.front() == sigil && std::all_of(key.begin() + 1, key.end(), belongs);
}

ApiResult<void> check_keys(json::Value object, std::string_view parameter, char sigil) {
  std::string_view key;
  json::Value value;
  bool empty = true;
  for (auto members = object.members(); members.next(&key, &value); empty = false) {
    if (is_alias(key, sigil)) continue;
    std::string message(parameter);
    message += " contains invalid key: Syntax error; key: \"";
    message += key;
    message += '"';
    return fail(validation(std::move(message)));
  }
  if (empty) return fail(validation(std::string(parameter) + " must not be empty"));
  return {};
}

ApiError invalid_value(std::string_view parameter, const std::string& reason, std::string_view key) {
  std::string message(parameter);
  message += " contains invalid value: " + reason + " for key ";
  message += key;
  return validation(std::move(message));
}

// How the service words it is not known.
ApiError too_large(std::size_t bytes) {
  return validation(std::string(kNames) + " and " + std::string(kValues) +
                    " have exceeded the maximum allowed size; size: " + std::to_string(bytes));
}

ApiResult<void> require_map(const std::optional<json::Value>& value, std::string_view java_value_class) {
  if (!value || value->is_object()) return {};
  if (!value->is_array()) return fail(serialization(model::kUnexpectedField));
  return fail(serialization(model::unrecognized_collection("java.util.Map<java.lang.String, " +
                                                           std::string(java_value_class) + ">")));
}

template <class Table>
ApiResult<void> require_used(const Table& table, std::string_view parameter) {
  std::string unused;
  for (const std::string& key : table.order) {
    if (table.entries.find(key)->second.used) continue;
    if (!unused.empty()) unused += ", ";
    unused += key;
  }
  if (unused.empty()) return {};
  return fail(validation("Value provided in " + std::string(parameter) + " unused in expressions: keys: {" +
                         unused + "}"));
}

}  // namespace

ApiResult<Substitutions> Substitutions::parse(std::optional<json::Value> names,
                                              std::optional<json::Value> values, model::Wording wording) {
  RETURN_IF_ERROR(require_map(names, "java.lang.String"));
  RETURN_IF_ERROR(require_map(values, "com.amazonaws.dynamodb.v20120810.AttributeValue"));
  Substitutions result(wording);
  std::string_view key;
  json::Value value;
  std::size_t bytes = 0;
  if (names) {
    for (auto members = names->members(); members.next(&key, &value);) {
      if (auto defect = model::string_defect(value)) return fail(serialization(*std::move(defect)));
    }
    RETURN_IF_ERROR(check_keys(*names, kNames, '#'));
    for (auto members = names->members(); members.next(&key, &value);) {
      const std::string_view name = value.is_string() ? value.string() : std::string_view();
      if (name.empty()) return fail(invalid_value(kNames, "Empty attribute name", key));
      if (name.size() > model::kAttributeNameBytesMax) {
        return fail(invalid_value(
            kNames, value_error({.defect = model::ValueDefect::kAttributeNameTooLong}, wording).message,
            key));
      }
      bytes += name.size();
      result.add_name(std::string(key), std::string(name));
    }
  }
  if (values) {
    RETURN_IF_ERROR(check_keys(*values, kValues, ':'));
    for (auto members = values->members(); members.next(&key, &value);) {
      ASSIGN_OR_RETURN(const std::size_t size, result.add_value_of(value, key));
      bytes += size;
    }
  }
  if (bytes > kSubstitutionBytesMax) return fail(too_large(bytes));
  return result;
}

ApiResult<std::size_t> Substitutions::add_value_of(json::Value value, std::string_view placeholder) {
  auto parsed = model::value_from_json(value);
  if (!parsed && parsed.error().defect == model::ValueDefect::kNestingTooDeep) {
    parsed = model::value_from_json(value, kConditionValueLevelsMax);
    if (parsed) too_deep_.emplace_back(placeholder);
  }
  if (!parsed) return fail(refused_value(parsed.error(), placeholder));
  const std::size_t size = model::value_size_bytes(*parsed);
  add_value(std::string(placeholder), std::move(*parsed));
  return size;
}

ApiResult<void> Substitutions::require_storable() const {
  for (const std::string& placeholder : too_deep_) {
    if (!values_.entries.find(placeholder)->second.used) continue;
    return fail(refused_value({.defect = model::ValueDefect::kNestingTooDeep}, placeholder));
  }
  return {};
}

// The older layer says where.
ApiError Substitutions::refused_value(const model::ValueError& why, std::string_view placeholder) const {
  ApiError error = value_error(why, wording_);
  if (error.type != ErrorType::kValidation || wording_ != model::Wording::kClassic) return error;
  return invalid_value(kValues, error.message, placeholder);
}

void Substitutions::add_name(std::string alias, std::string name) {
  const auto [entry, added] =
      names_.entries.insert_or_assign(alias, Entry<std::string>{std::move(name), false});
  if (added) names_.order.push_back(std::move(alias));
}

void Substitutions::add_value(std::string placeholder, model::AttributeValue value) {
  auto shared = std::make_shared<const model::AttributeValue>(std::move(value));
  const auto [entry, added] =
      values_.entries.insert_or_assign(placeholder, Entry<ValuePointer>{std::move(shared), false});
  if (added) values_.order.push_back(std::move(placeholder));
}

const std::string* Substitutions::use_name(const std::string& alias) {
  const auto found = names_.entries.find(alias);
  if (found == names_.entries.end()) return nullptr;
  found->second.used = true;
  return &found->second.value;
}

ValuePointer Substitutions::use_value(const std::string& placeholder) {
  const auto found = values_.entries.find(placeholder);
  if (found == values_.entries.end()) return nullptr;
  found->second.used = true;
  return found->second.value;
}

ApiResult<void> Substitutions::require_all_used() const {
  RETURN_IF_ERROR(require_used(names_, kNames));
  return require_used(values_, kValues);
}

ApiResult<void> check_attributes_have_expressions(bool names_given, bool values_given, bool any_expression,
                                                  std::initializer_list<ExpressionParameter> with_values,
                                                  model::Wording wording) {
  if (names_given && !any_expression) {
    return fail(validation(std::string(kNames) + " can only be specified when using expressions"));
  }
  if (!values_given || std::ranges::any_of(with_values, &ExpressionParameter::given)) return {};
  std::string message(kValues);
  message += " can only be specified when using expressions";
  if (wording == model::Wording::kCurrent) return fail(validation(std::move(message)));
  std::string_view separator = ": ";
  for (const ExpressionParameter& parameter : with_values) {
    message += separator;
    message += parameter.name;
    separator = " and ";
  }
  if (with_values.size() > 0) message += with_values.size() > 1 ? " are null" : " is null";
  return fail(validation(std::move(message)));
}

}  // namespace tidemark::api::expression
