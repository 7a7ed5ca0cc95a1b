#include "api/core/table_lookup.h"

#include "storage/catalog.h"

namespace tidemark::api {
namespace {

// Removes the text before the next `separator`, and the separator, from the front of `*rest`.
std::optional<std::string_view> take_until(std::string_view* rest, char separator) {
  const std::size_t end = rest->find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = rest->substr(0, end);
  rest->remove_prefix(end + 1);
  return part;
}

}  // namespace

std::optional<TableArn> parse_table_arn(std::string_view text) {
  std::string_view rest = text;
  if (take_until(&rest, ':') != "arn") return std::nullopt;
  const auto partition = take_until(&rest, ':');
  if (!partition || !partition->starts_with("aws")) return std::nullopt;
  if (take_until(&rest, ':') != "dynamodb") return std::nullopt;
  const auto region = take_until(&rest, ':');
  const auto account_id = take_until(&rest, ':');
  if (!region || !account_id) return std::nullopt;
  if (take_until(&rest, '/') != "table") return std::nullopt;
  TableArn arn{.region = *region, .account_id = *account_id, .table_name = rest, .resource = {}};
  if (const auto name = take_until(&rest, '/')) {
    arn.table_name = *name;
    arn.resource = rest;
  }
  if (arn.table_name.empty()) return std::nullopt;
  return arn;
}

std::string_view table_name_of(std::string_view name_or_arn) {
  const auto arn = parse_table_arn(name_or_arn);
  return arn ? arn->table_name : name_or_arn;
}

ApiResult<storage::TablePtr> find_table(const OperationContext& context, std::string_view name_or_arn,
                                        const Access& access) {
  const storage::Catalog& catalog = context.engine.catalog();
  storage::TablePtr table;
  if (!name_or_arn.starts_with("arn:")) [[likely]] {
    table = catalog.find(context.owner, name_or_arn);
  } else if (const auto arn = parse_table_arn(name_or_arn)) {
    if (arn->resource.empty() && arn->region == model::arn_region(context.owner.region)) {
      table = catalog.find({.account_id = std::string(arn->account_id), .region = context.owner.region},
                           arn->table_name);
    }
    const bool is_foreign =
        context.settings.authority->is_strict() && arn->account_id != context.owner.account_id;
    if (is_foreign && (!table || table->schema.resource_policy.empty())) {
      return fail(not_authorized(context, name_or_arn, access.action));
    }
  }
  if (table) RETURN_IF_ERROR(check_access(context, *table, access));
  return table;
}

bool is_being_restored(const storage::Table& table) {
  return table.filled_by && table.filled_by->kind == timetravel::kRestoreKind;
}

ApiResult<storage::TablePtr> active_table(const OperationContext& context, std::string_view name_or_arn,
                                          const Access& access) {
  ASSIGN_OR_RETURN(storage::TablePtr table, find_table(context, name_or_arn, access));
  if (!table || table->schema.status == model::TableStatus::kCreating ||
      table->schema.status == model::TableStatus::kDeleting) {
    return fail(resource_not_found());
  }
  return table;
}

ApiResult<storage::TablePtr> existing_table(const OperationContext& context, std::string_view name_or_arn,
                                            const Access& access) {
  ASSIGN_OR_RETURN(storage::TablePtr table, find_table(context, name_or_arn, access));
  if (!table) return fail(table_not_found(name_or_arn));
  return table;
}

ApiError table_not_found(std::string_view name_or_arn) {
  return resource_not_found(
      "Requested resource not found: Table: " + std::string(table_name_of(name_or_arn)) + " not found");
}

}  // namespace tidemark::api
