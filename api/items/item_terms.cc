#include "api/items/item_terms.h"

namespace tidemark::api {
namespace {

std::string_view name_of(ReturnValues values) {
  switch (values) {
    case ReturnValues::kAllOld:
      return "ALL_OLD";
    case ReturnValues::kUpdatedOld:
      return "UPDATED_OLD";
    case ReturnValues::kAllNew:
      return "ALL_NEW";
    case ReturnValues::kUpdatedNew:
      return "UPDATED_NEW";
    case ReturnValues::kNone:
      break;
  }
  return "NONE";
}

}  // namespace

void add_key_terms(std::string_view key, const std::optional<expression::Projection>& projection,
                   const model::TableSchema& table, AccessTerms* terms) {
  terms->add_leading_key_of(key, table);
  terms->select = projection ? "SPECIFIC_ATTRIBUTES" : "ALL_ATTRIBUTES";
  if (!projection) return;
  terms->add_attributes_of(key);
  terms->add_attributes(expression::referenced_attributes(*projection));
}

void add_write_terms(const Write& write, const model::TableSchema& table, AccessTerms* terms) {
  terms->add_leading_key_of(write.item.text, table);
  terms->add_attributes_of(write.item.text);
  if (write.update) terms->add_attributes(expression::referenced_attributes(*write.update));
  if (write.condition) terms->add_attributes(expression::referenced_attributes(*write.condition));
  // An update also writes what it does not read.
  if (write.update) {
    for (const expression::UpdateAction& action : write.update->actions) {
      terms->add_attributes({action.target.top()});
    }
  }
  terms->return_values = name_of(write.return_values);
}

std::string_view action_of(WriteKind kind) {
  switch (kind) {
    case WriteKind::kPut:
      return "PutItem";
    case WriteKind::kUpdate:
      return "UpdateItem";
    case WriteKind::kDelete:
      return "DeleteItem";
    case WriteKind::kConditionCheck:
      break;
  }
  return "ConditionCheckItem";
}

}  // namespace tidemark::api
