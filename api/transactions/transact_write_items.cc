#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/expression/resolve.h"
#include "api/items/item_shapes.h"
#include "api/items/item_write.h"
#include "api/transactions/request_fingerprint.h"
#include "api/transactions/transaction_size.h"
#include "api/transactions/transactions.h"
#include "api/transactions/write_transaction.h"
#include "model/words/transactions.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kActionsMax = 100;
constexpr std::int64_t kTokenLengthMax = 36;

// Bad names of tables are told beside everything else.
Shape table_name() {
  Shape shape = table_name_or_arn();
  shape.reported_alone = false;
  return shape;
}

Shape action_shape(std::string_view name, std::vector<Member> members) {
  members.insert(members.end(),
                 {{"TableName", table_name(), Presence::kRequired},
                  {"ExpressionAttributeNames", expression_names()},
                  {"ExpressionAttributeValues", attribute_map()},
                  {"ReturnValuesOnConditionCheckFailure", return_values_on_condition_check_failure()}});
  return structure(name, std::move(members));
}

Shape shape() {
  return structure(
      "TransactWriteItemsInput",
      {
          {"ClientRequestToken", string().length(1, kTokenLengthMax)},
          {"ReturnConsumedCapacity", return_consumed_capacity()},
          {"ReturnItemCollectionMetrics", return_item_collection_metrics()},
          {"TransactItems",
           list_of(
               structure(
                   "TransactWriteItem",
                   {
                       {"ConditionCheck",
                        action_shape("ConditionCheck",
                                     {{"Key", attribute_map(), Presence::kRequired},
                                      {"ConditionExpression", string(), Presence::kRequired}})},
                       {"Put", action_shape("Put", {{"Item", attribute_map(), Presence::kRequired},
                                                    {"ConditionExpression", string()}})},
                       {"Delete", action_shape("Delete", {{"Key", attribute_map(), Presence::kRequired},
                                                          {"ConditionExpression", string()}})},
                       {"Update", action_shape("Update", {{"Key", attribute_map(), Presence::kRequired},
                                                          {"UpdateExpression", string(), Presence::kRequired},
                                                          {"ConditionExpression", string()}})},
                   }))
               .length(1, kActionsMax),
           Presence::kRequired},
      });
}

struct ActionParameters {
  WriteKind kind = WriteKind::kPut;
  Input input;
};

ApiResult<ActionParameters> parameters_of(const Input& element) {
  struct Choice {
    std::string_view member;
    WriteKind kind;
  };
  static constexpr Choice kChoices[] = {{"ConditionCheck", WriteKind::kConditionCheck},
                                        {"Put", WriteKind::kPut},
                                        {"Delete", WriteKind::kDelete},
                                        {"Update", WriteKind::kUpdate}};
  std::optional<ActionParameters> chosen;
  for (const Choice& choice : kChoices) {
    const auto input = element.structure(choice.member);
    if (!input) continue;
    if (chosen) return fail(validation(std::string(words::kSeveralActionsInItem)));
    chosen = ActionParameters{choice.kind, *input};
  }
  if (!chosen) return fail(validation(std::string(words::kNoActionInItem)));
  return *chosen;
}

bool has_empty_name(json::Value item) {
  std::string_view name;
  json::Value value;
  for (json::ObjectCursor members = item.members(); members.next(&name, &value);) {
    if (name.empty()) return true;
  }
  return false;
}

// The item of an action. What is wrong with its values is told after what is wrong with its expressions, save
// for its size and depth, which go before names and values that are not used.
ApiResult<model::Item> checked_item(const Input& input, WriteKind kind,
                                    const expression::Substitutions& substitutions) {
  const json::Value sent = *input.object(kind == WriteKind::kPut ? "Item" : "Key");
  auto item = model::item_from_json(sent);
  if (item) {
    if (kind == WriteKind::kPut) RETURN_IF_ERROR(check_item_size(*item));
    RETURN_IF_ERROR(substitutions.require_all_used());
    return *std::move(item);
  }
  model::ValueError error = std::move(item).error();
  const bool is_too_deep = error.defect == model::ValueDefect::kNestingTooDeep;
  if (is_too_deep && has_empty_name(sent)) error = {model::ValueDefect::kEmptyAttributeName};
  if (!is_too_deep) RETURN_IF_ERROR(substitutions.require_all_used());
  return fail(value_error(error, input.wording()));
}

ApiResult<TransactionAction> parse_action(const Input& element) {
  ASSIGN_OR_RETURN(const ActionParameters parameters, parameters_of(element));
  TransactionAction action;
  action.table_name = *parameters.input.string("TableName");
  action.write.kind = parameters.kind;
  action.write.wording = element.wording();
  ASSIGN_OR_RETURN(const auto substitutions, compile_write_expressions(parameters.input, &action.write));
  ASSIGN_OR_RETURN(action.write.item, checked_item(parameters.input, parameters.kind, substitutions));
  return action;
}

ApiResult<WriteTransaction> parse(const Input& input) {
  WriteTransaction request;
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  request.return_item_collection_metrics = input.string("ReturnItemCollectionMetrics") == "SIZE";
  const json::Value items = *input.list("TransactItems");
  std::uint64_t bytes = 0;
  json::Value element;
  for (json::ArrayCursor elements = items.elements(); elements.next(&element);) {
    ASSIGN_OR_RETURN(TransactionAction action, parse_action(input.inside(element)));
    bytes += action.write.item.size_bytes;
    request.actions.push_back(std::move(action));
  }
  RETURN_IF_ERROR(check_transaction_size(bytes));
  request.token = input.string("ClientRequestToken");
  if (request.token) request.fingerprint = fingerprint_of(items);
  return request;
}

}  // namespace

Operation transact_write_items() {
  return make_operation("TransactWriteItems", Cost::kQuickWrite, shape(), parse, carry_out,
                        render_transaction);
}

}  // namespace tidemark::api
