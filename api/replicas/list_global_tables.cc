#include <algorithm>
#include <utility>

#include "api/replicas/global_tables.h"
#include "api/replicas/replicas.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kTablesMax = 100;

struct Request {
  std::string after;   // empty: from the first
  std::string region;  // empty: any
  std::size_t tables_max = kTablesMax;
};

struct Response {
  std::vector<GlobalTable> tables;
  bool has_more = false;
};

Shape shape() {
  return structure("ListGlobalTablesInput", {{"ExclusiveStartGlobalTableName", global_table_name()},
                                             {"Limit", integer().at_least(1)},
                                             {"RegionName", string()}});
}

ApiResult<Request> parse(const Input& input) {
  const std::int64_t limit = input.integer("Limit").value_or(kTablesMax);
  return Request{.after = std::string(input.string("ExclusiveStartGlobalTableName").value_or("")),
                 .region = std::string(input.string("RegionName").value_or("")),
                 .tables_max = static_cast<std::size_t>(std::min(limit, kTablesMax))};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  Response response{.tables = list_global_tables(context), .has_more = false};
  std::erase_if(response.tables, [&request](const GlobalTable& table) {
    const bool is_elsewhere = !request.region.empty() && find_replica(table, request.region) == nullptr;
    return is_elsewhere || table.name <= request.after;
  });
  response.has_more = response.tables.size() > request.tables_max;
  if (response.has_more) response.tables.resize(request.tables_max);
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("GlobalTables");
  json.begin_array();
  for (const GlobalTable& table : response.tables) {
    json.begin_object();
    json.member("GlobalTableName", table.name);
    json.key("ReplicationGroup");
    json.begin_array();
    for (const storage::TablePtr& replica : table.replicas) {
      json.begin_object();
      json.member("RegionName", replica->schema.region);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  if (response.has_more) json.member("LastEvaluatedGlobalTableName", response.tables.back().name);
}

}  // namespace

Operation list_global_tables() {
  return make_operation("ListGlobalTables", Cost::kQuickRead, shape(), parse, execute, render);
}

}  // namespace tidemark::api
