#include "api/partiql/requests.h"

#include <utility>

#include "api/partiql/plan.h"
#include "base/json.h"
#include "model/item.h"

namespace tidemark::api::partiql {
namespace {

using expression::Condition;
using expression::ConditionKind;
using expression::Function;
using expression::Operand;

Condition exists(const std::string& attribute) {
  expression::Path path;
  path.steps.emplace_back(attribute);
  return Condition::of_function(Function::kAttributeExists, {Operand::of_path(std::move(path))});
}

Condition both(Condition one, std::optional<Condition> other) {
  if (!other) return one;
  Condition condition;
  condition.kind = ConditionKind::kAnd;
  condition.children.push_back(std::move(one));
  condition.children.push_back(*std::move(other));
  return condition;
}

ReturnValues return_values_of(Returning returning) {
  switch (returning) {
    case Returning::kNothing:
      return ReturnValues::kNone;
    case Returning::kAllOld:
      return ReturnValues::kAllOld;
    case Returning::kAllNew:
      return ReturnValues::kAllNew;
    case Returning::kModifiedOld:
      return ReturnValues::kUpdatedOld;
    case Returning::kModifiedNew:
      return ReturnValues::kUpdatedNew;
  }
  return ReturnValues::kNone;
}

WriteKind write_kind_of(StatementKind kind) {
  switch (kind) {
    case StatementKind::kInsert:
      return WriteKind::kPut;
    case StatementKind::kUpdate:
      return WriteKind::kUpdate;
    case StatementKind::kDelete:
      return WriteKind::kDelete;
    case StatementKind::kSelect:
    case StatementKind::kExists:
      break;
  }
  return WriteKind::kConditionCheck;
}

ApiResult<void> add_conditions(const Statement& statement, const model::KeySchema& keys, Write* write) {
  auto conditions = keyed_conditions(statement, keys);
  if (!conditions) {
    return fail(validation("Where clause does not contain a mandatory equality on all key attributes"));
  }
  if (statement.kind == StatementKind::kExists && !conditions->others) {
    return fail(validation("EXISTS() must contain a single item read with additional condition"));
  }
  ASSIGN_OR_RETURN(write->item, item_of(conditions->key));
  write->condition = std::move(conditions->others);
  // What is not there cannot be updated.
  if (statement.kind == StatementKind::kUpdate) {
    write->condition = both(exists(keys.partition_keys.front().name), std::move(write->condition));
  }
  return {};
}

}  // namespace

Shape statement_text() {
  static constexpr std::int64_t kLengthMax = 8'192;
  return string().length(1, kLengthMax);
}

Shape parameters() { return list_of(attribute_value()).at_least(1); }

ApiResult<std::vector<model::AttributeValue>> read_parameters(const Input& input) {
  std::vector<model::AttributeValue> values;
  const auto list = input.list("Parameters");
  if (!list) return values;
  json::Value element;
  for (json::ArrayCursor elements = list->elements(); elements.next(&element);) {
    auto value = model::value_from_json(element);
    if (!value) return fail(value_error(value.error(), model::Wording::kClassic));
    values.push_back(*std::move(value));
  }
  return values;
}

ApiResult<Statement> read_statement(const Input& input) {
  ASSIGN_OR_RETURN(const auto values, read_parameters(input));
  return parse(input.string("Statement").value_or(""), values);
}

ApiResult<model::Item> item_of(const model::AttributeMap& attributes) {
  std::string text;
  model::append_attributes(&text, attributes);
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value parsed, document.parse(text));
  auto item = model::item_from_json(parsed);
  if (!item) return fail(value_error(item.error(), model::Wording::kClassic));
  return *std::move(item);
}

ApiResult<Write> write_of(const Statement& statement, const model::TableSchema& table,
                          bool return_item_on_failure) {
  Write write;
  write.kind = write_kind_of(statement.kind);
  write.wording = model::Wording::kClassic;
  write.return_item_on_failure = return_item_on_failure;
  write.return_values = return_values_of(statement.returning);
  if (statement.kind == StatementKind::kInsert) {
    write.inserts = true;
    ASSIGN_OR_RETURN(write.item, item_of(statement.item));
    RETURN_IF_ERROR(check_item_size(write.item));
    return write;
  }
  RETURN_IF_ERROR(add_conditions(statement, table.keys, &write));
  if (statement.kind == StatementKind::kUpdate) write.update = statement.update;
  return write;
}

std::string_view action_of(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kInsert:
      return "PartiQLInsert";
    case StatementKind::kUpdate:
      return "PartiQLUpdate";
    case StatementKind::kDelete:
      return "PartiQLDelete";
    case StatementKind::kSelect:
    case StatementKind::kExists:
      break;
  }
  return "PartiQLSelect";
}

void add_terms(const Statement& statement, const model::TableSchema& table, AccessTerms* terms) {
  for (const auto& [name, value] : statement.item) {
    terms->add_attributes({name});
    if (name == table.keys.partition_keys.front().name) terms->add_leading_key(value);
  }
  for (const expression::Path& path : statement.paths) terms->add_attributes({path.top()});
  for (const expression::UpdateAction& action : statement.update.actions) {
    terms->add_attributes({action.target.top()});
  }
  terms->add_attributes(expression::referenced_attributes(statement.update));
  if (statement.where) terms->add_attributes(expression::referenced_attributes(*statement.where));
  if (statement.is_read()) {
    terms->select = statement.paths.empty() ? "ALL_ATTRIBUTES" : "SPECIFIC_ATTRIBUTES";
    // An item as a whole is all attributes, not those that a condition happens to name.
    if (statement.paths.empty()) terms->attributes.reset();
  }
  if (statement.kind == StatementKind::kInsert) return;
  const model::IndexSchema* const index = statement.index ? table.find_index(*statement.index) : nullptr;
  const auto leading = leading_values(statement, index != nullptr ? index->keys : table.keys);
  terms->full_table_scan = !leading.has_value();
  if (!leading) return;
  for (const model::AttributeValue* value : *leading) terms->add_leading_key(*value);
}

Access access_of(const Statement& statement, std::string_view enclosing_operation) {
  return {.action = action_of(statement),
          .index = statement.index ? *statement.index : std::string_view(),
          .terms = [&statement, enclosing_operation](const model::TableSchema& table) {
            AccessTerms terms;
            if (enclosing_operation == "ExecuteTransaction") terms.enclosing_operation = enclosing_operation;
            add_terms(statement, table, &terms);
            return terms;
          }};
}

}  // namespace tidemark::api::partiql
