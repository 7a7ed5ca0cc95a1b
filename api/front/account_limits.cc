#include "api/front/account_limits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

namespace tidemark::api {
namespace {

constexpr std::array<std::string_view, 4> kMakeTables = {
    "CreateTable", "ImportTable", "RestoreTableFromBackup", "RestoreTableToPointInTime"};

bool is_among(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The name of the table that the request makes.
std::string_view new_table_of(json::Value body) {
  for (const std::string_view member : {"TableName", "TargetTableName"}) {
    const auto name = body.find(member);
    if (name && name->is_string()) return name->string();
  }
  const auto parameters = body.find("TableCreationParameters");
  if (!parameters || !parameters->is_object()) return {};
  const auto name = parameters->find("TableName");
  return name && name->is_string() ? name->string() : std::string_view();
}

// Whether an element of the list has one of the members.
bool any_has(json::Value list, std::initializer_list<std::string_view> members) {
  if (!list.is_array()) return false;
  json::Value element;
  for (json::ArrayCursor elements = list.elements(); elements.next(&element);) {
    if (!element.is_object()) continue;
    for (const std::string_view member : members) {
      if (element.find(member)) return true;
    }
  }
  return false;
}

bool batch_puts(json::Value body) {
  const auto tables = body.find("RequestItems");
  if (!tables || !tables->is_object()) return false;
  std::string_view name;
  json::Value requests;
  for (json::ObjectCursor cursor = tables->members(); cursor.next(&name, &requests);) {
    if (any_has(requests, {"PutRequest"})) return true;
  }
  return false;
}

// INSERT and UPDATE; a statement begins with its verb.
bool statement_adds(json::Value request) {
  const auto statement = request.is_object() ? request.find("Statement") : std::nullopt;
  if (!statement || !statement->is_string()) return false;
  std::string_view text = statement->string();
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const auto begins_with = [text](std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char a, char b) { return a == std::toupper(static_cast<unsigned char>(b)); });
  };
  return begins_with("INSERT") || begins_with("UPDATE");
}

bool any_statement_adds(json::Value body, std::string_view list_name) {
  const auto list = body.find(list_name);
  if (!list || !list->is_array()) return false;
  json::Value element;
  for (json::ArrayCursor elements = list->elements(); elements.next(&element);) {
    if (statement_adds(element)) return true;
  }
  return false;
}

// Whether the request may make what an account has larger.
bool adds_items(std::string_view operation, json::Value body) {
  if (operation == "PutItem" || operation == "UpdateItem" || operation == "StartBulkPutItems") return true;
  if (operation == "BatchWriteItem") return batch_puts(body);
  if (operation == "TransactWriteItems") {
    const auto actions = body.find("TransactItems");
    return actions && any_has(*actions, {"Put", "Update"});
  }
  if (operation == "ExecuteStatement") return statement_adds(body);
  if (operation == "BatchExecuteStatement") return any_statement_adds(body, "Statements");
  if (operation == "ExecuteTransaction") return any_statement_adds(body, "TransactStatements");
  return operation != "CreateTable" && is_among(kMakeTables, operation);
}

struct Holdings {
  std::size_t tables = 0;
  std::uint64_t bytes = 0;
};

Holdings holdings_of(const storage::Engine& engine, const std::vector<storage::TablePtr>& tables,
                     std::string_view account) {
  Holdings holdings;
  const auto add = [&](storage::TableId id) {
    holdings.bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(engine.stats(id).size_bytes, 0));
  };
  for (const storage::TablePtr& table : tables) {
    if (table->schema.account_id != account) continue;
    ++holdings.tables;
    add(table->id);
    for (const model::IndexSchema& index : table->schema.indexes) add(index.id);
  }
  return holdings;
}

}  // namespace

ApiResult<void> check_account_limits(const Operation& operation, json::Value body,
                                     const AccountLimits& limits, const OperationContext& context) {
  if (!body.is_object()) return {};
  const bool makes_table = limits.tables_max > 0 && is_among(kMakeTables, operation.name) &&
                           context.engine.catalog().find(context.owner, new_table_of(body)) == nullptr;
  const bool adds = limits.bytes_max > 0 && adds_items(operation.name, body);
  if (!makes_table && !adds) return {};
  const Holdings holdings =
      holdings_of(context.engine, context.engine.catalog().all(), context.owner.account_id);
  if (makes_table && holdings.tables >= limits.tables_max) {
    return fail(limit_exceeded("Subscriber limit exceeded: This account may have " +
                               std::to_string(limits.tables_max) + " tables"));
  }
  if (adds && holdings.bytes >= limits.bytes_max) {
    return fail(limit_exceeded("Subscriber limit exceeded: The tables of this account may hold " +
                               std::to_string(limits.bytes_max) + " bytes"));
  }
  return {};
}

}  // namespace tidemark::api
