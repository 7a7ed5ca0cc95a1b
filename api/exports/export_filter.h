// FilterSpecification of exports: which items are written, and which of their attributes.
// Source: DynamoDB developer guide, "Filtering a table export".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "api/expression/ast.h"
#include "api/expression/key_condition.h"
#include "base/result.h"
#include "model/table_schema.h"
#include "transfer/item_filter.h"

namespace tidemark::api {

struct ExportFilter {
  std::optional<expression::Condition> key_condition;
  expression::KeyConditions key_conditions;  // the same, to be judged by a schema
  std::optional<expression::Condition> filter;
  std::optional<expression::Projection> projection;
};

Shape export_filter_shape();

// Everything that can be judged without the table. Errors: ValidationException, SerializationException.
ApiResult<ExportFilter> parse_export_filter(const Input& specification);
// What is kept of it and shown: JSON, without what nobody knows.
std::string filter_text(const Input& specification);
// The rest. With a key condition, the filter may not look at key attributes. Errors: ValidationException.
ApiResult<void> check_export_filter(const ExportFilter& filter, const model::TableSchema& schema,
                                    model::Wording wording);

// What exports are handed: see CompileItemFilter.
Result<std::unique_ptr<transfer::ItemFilter>> compile_item_filter(std::string_view specification);

}  // namespace tidemark::api
