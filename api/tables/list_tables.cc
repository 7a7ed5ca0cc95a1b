#include "api/tables/tables.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kTablesMax = 100;

struct Request {
  std::size_t limit = kTablesMax;
  std::string_view start_after;
};

struct Response {
  std::vector<std::string> names;
  bool has_more = false;
};

ApiResult<Request> parse(const Input& input) {
  return Request{.limit = static_cast<std::size_t>(input.integer("Limit").value_or(kTablesMax)),
                 .start_after = input.string("ExclusiveStartTableName").value_or("")};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  Response response;
  // One more than asked for tells whether there is a next page.
  response.names = context.engine.catalog().list(context.owner, request.start_after, request.limit + 1);
  if (response.names.size() > request.limit) {
    response.names.pop_back();
    response.has_more = true;
  }
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  if (response.has_more) json.member("LastEvaluatedTableName", response.names.back());
  json.key("TableNames");
  json.begin_array();
  for (const std::string& name : response.names) json.string(name);
  json.end_array();
}

}  // namespace

Operation list_tables() {
  return make_operation("ListTables", Cost::kQuickRead,
                        structure("ListTablesInput", {{"Limit", integer().range(1, kTablesMax)},
                                                      {"ExclusiveStartTableName", index_name()}}),
                        parse, execute, render);
}

}  // namespace tidemark::api
