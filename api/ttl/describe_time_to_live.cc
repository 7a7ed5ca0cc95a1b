#include "api/core/table_lookup.h"
#include "api/ttl/ttl.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

struct Response {
  storage::TablePtr table;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  return Response{std::move(table)};
}

void render(const Request&, const Response& response, JsonWriter& json) {
  const auto& ttl = response.table->schema.ttl;
  json.key("TimeToLiveDescription");
  json.begin_object();
  json.member("TimeToLiveStatus", ttl ? model::ttl_status_name(ttl->status) : "DISABLED");
  if (ttl) json.member("AttributeName", ttl->attribute);
  json.end_object();
}

}  // namespace

Operation describe_time_to_live() {
  return make_operation(
      "DescribeTimeToLive", Cost::kQuickRead,
      structure("DescribeTimeToLiveInput", {{"TableName", table_name_or_arn(), Presence::kRequired}}), parse,
      execute, render);
}

}  // namespace tidemark::api
