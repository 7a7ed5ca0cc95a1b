// What the three operations share: statements as they are sent, and the writes that they stand for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/core/access.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "api/items/item_write.h"
#include "api/partiql/statement.h"
#include "storage/table.h"

namespace tidemark::api::partiql {

// The members Statement and Parameters, as the service reports them.
Shape statement_text();
Shape parameters();

// Errors: ValidationException; bad values of parameters are told before what is wrong with the statement.
ApiResult<std::vector<model::AttributeValue>> read_parameters(const Input& input);
ApiResult<Statement> read_statement(const Input& input);

// The write that the statement, which is no SELECT, is on the table. Errors: ValidationException.
ApiResult<Write> write_of(const Statement& statement, const model::TableSchema& table,
                          bool return_item_on_failure);

// What policies call the statement: `PartiQLSelect`.
std::string_view action_of(const Statement& statement);
// Adds what the statement asks for to what the conditions of policies are told.
void add_terms(const Statement& statement, const model::TableSchema& table, AccessTerms* terms);

// Both of them. Borrows the arguments.
Access access_of(const Statement& statement, std::string_view enclosing_operation);

// A key as the Key parameter of other operations: canonical text. Errors: ValidationException.
ApiResult<model::Item> item_of(const model::AttributeMap& attributes);

}  // namespace tidemark::api::partiql
