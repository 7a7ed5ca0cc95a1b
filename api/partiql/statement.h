// What PartiQL statements say, as plain data: conditions and updates are the trees of expressions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"

namespace tidemark::api::partiql {

enum class StatementKind { kSelect, kInsert, kUpdate, kDelete, kExists };
enum class Returning { kNothing, kAllOld, kAllNew, kModifiedOld, kModifiedNew };

struct OrderKey {
  std::string attribute;
  bool descends = false;
};

struct Statement {
  StatementKind kind = StatementKind::kSelect;
  std::string table;
  std::optional<std::string> index;
  std::optional<expression::Condition> where;
  std::vector<expression::Path> paths;  // kSelect; none: `*`
  std::vector<OrderKey> order;          // kSelect
  model::AttributeMap item;             // kInsert
  expression::Update update;            // kUpdate
  Returning returning = Returning::kNothing;

  [[nodiscard]] bool is_read() const { return kind == StatementKind::kSelect; }
};

// Parameters take the places of the question marks in their order. Errors: ValidationException for what is
// no statement, and for values and operands that cannot be, whatever the table is.
ApiResult<Statement> parse(std::string_view text, const std::vector<model::AttributeValue>& parameters);

}  // namespace tidemark::api::partiql
