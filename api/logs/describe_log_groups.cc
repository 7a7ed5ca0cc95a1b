// Source: Amazon CloudWatch Logs API reference, DescribeLogGroups.
#include <optional>
#include <string>

#include "api/logs/import_logs.h"
#include "api/logs/logs.h"

namespace tidemark::api {
namespace {

struct Request {
  std::optional<std::string> prefix;
  std::optional<std::string> pattern;  // a part of the name, in whatever case
};

struct Response {
  std::optional<Timestamp> created;  // of the only group
  std::string arn;
};

Shape shape() {
  return structure("DescribeLogGroupsRequest", {{"logGroupNamePrefix", string().length(1, 512)},
                                                {"logGroupNamePattern", string().length(0, 512)},
                                                {"nextToken", string().length(1, 4'096)},
                                                {"limit", integer().range(1, 50)}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  if (const auto prefix = input.string("logGroupNamePrefix")) request.prefix = *prefix;
  if (const auto pattern = input.string("logGroupNamePattern")) request.pattern = *pattern;
  if (request.prefix && request.pattern) {
    return fail(
        validation("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
  }
  if (input.has("nextToken")) return fail(invalid_log_token());  // all groups are on one page
  return request;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  Response response;
  const bool is_wanted = kImportLogGroup.starts_with(request.prefix.value_or("")) &&
                         kImportLogGroup.find(request.pattern.value_or("")) != std::string_view::npos;
  if (is_wanted) response.created = log_group_created(context);
  response.arn = log_group_arn(context);
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("logGroups");
  json.begin_array();
  if (response.created) {
    json.begin_object();
    json.member("logGroupName", kImportLogGroup);
    json.member("creationTime", response.created->millis());
    json.member("metricFilterCount", std::int64_t{0});
    json.member("arn", response.arn + ":*");
    json.member("storedBytes", std::int64_t{0});
    json.member("logGroupClass", "STANDARD");
    json.member("logGroupArn", response.arn);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Operation describe_log_groups() {
  return make_operation("DescribeLogGroups", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
