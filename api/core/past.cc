#include "api/core/past.h"

#include <string>
#include <utility>

namespace tidemark::api {
namespace {

ApiError refused(const std::string& why) { return validation(std::string(kAsOfHeader) + ": " + why); }

}  // namespace

ApiResult<Timestamp> moment_of(std::string_view header, const Operation& operation) {
  if (!operation.reads_any_moment) {
    return fail(refused(
        "the past can only be read, with GetItem, BatchGetItem, TransactGetItems, Query and Scan; this is " +
        std::string(operation.name)));
  }
  const auto moment = parse_moment(header);
  if (!moment) {
    return fail(
        refused("a time such as 2026-01-01T12:00:00.123456Z, or seconds since 1970, must stand here"));
  }
  return *moment;
}

ApiError past_error(const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument) return refused(error.message);
  if (error.code == ErrorCode::kNotFound) return resource_not_found();
  return error;
}

ApiResult<std::unique_ptr<storage::ReadView>> past_view(const OperationContext& context,
                                                        const std::vector<storage::TableId>& tables) {
  auto view = context.engine.view_at(tables, *context.as_of);
  if (!view) return fail(past_error(view.error()));
  return *std::move(view);
}

ApiResult<std::optional<storage::StoredItem>> read_item(const OperationContext& context,
                                                        const storage::Table& table, const model::Key& key) {
  if (context.as_of) {
    ASSIGN_OR_RETURN(const auto view, past_view(context, {table.id}));
    ASSIGN_OR_RETURN(auto item, view->get(table, key));
    return item;
  }
  ASSIGN_OR_RETURN(auto item, context.engine.get(table, key));
  return item;
}

}  // namespace tidemark::api
