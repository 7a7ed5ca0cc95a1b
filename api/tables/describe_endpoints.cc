#include "api/tables/tables.h"

namespace tidemark::api {
namespace {

struct Request {};

struct Response {
  std::string address;
};

ApiResult<Request> parse(const Input&) { return Request{}; }

// The caller's own way to this server, so that clients with endpoint discovery stay here.
ApiResult<Response> execute(const Request&, OperationContext& context) {
  if (!context.host.empty()) return Response{std::string(context.host)};
  return Response{"dynamodb." + context.owner.region + ".amazonaws.com"};
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("Endpoints");
  json.begin_array();
  json.begin_object();
  json.member("Address", response.address);
  json.member("CachePeriodInMinutes", std::int64_t{1'440});
  json.end_object();
  json.end_array();
}

}  // namespace

Operation describe_endpoints() {
  return make_operation("DescribeEndpoints", Cost::kQuickRead, structure("DescribeEndpointsInput", {}), parse,
                        execute, render);
}

}  // namespace tidemark::api
