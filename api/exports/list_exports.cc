// Source: DynamoDB API reference, ListExports; texts from recorded answers.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/exports/exports.h"
#include "api/exports/job_arn.h"
#include "transfer/transfer_service.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kPageDefault = 10;

struct Request {
  std::optional<std::string> table_arn;
  std::int64_t results_max = kPageDefault;
  std::optional<std::string> before_id;  // the page begins behind this export
};

struct Response {
  std::vector<transfer::ExportRecord> page;
  std::optional<std::string> next_token;
};

Shape shape() {
  return structure("ListExportsInput", {{"TableArn", string().length(1, 1024)},
                                        {"MaxResults", integer().range(1, 25)},
                                        {"NextToken", string()}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  if (const auto arn = input.string("TableArn")) request.table_arn = std::string(*arn);
  if (request.table_arn && !parse_table_arn(*request.table_arn)) {
    return fail(validation("One or more parameter values were invalid: tableArn is not a valid ARN"));
  }
  request.results_max = input.integer("MaxResults").value_or(kPageDefault);
  if (const auto token = input.string("NextToken")) {
    request.before_id = id_of_token(*token);
    if (!request.before_id) {
      return fail(validation("Invalid Request: Provided nextToken is invalid: " + std::string(*token)));
    }
  }
  return request;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  std::optional<std::string> table_uuid;
  if (request.table_arn) {
    if (parse_table_arn(*request.table_arn)->account_id != context.owner.account_id)
      return fail(access_denied());
    const auto table = find_table(context, *request.table_arn);
    // Exports of a table that is gone, or was created anew, are no longer listed under its ARN.
    if (!table) return Response{};
    table_uuid = table->schema.uuid;
  }
  Response response;
  for (auto& record : context.transfers->list_exports(context.owner, table_uuid)) {
    if (request.before_id && record.id >= *request.before_id) continue;
    if (static_cast<std::int64_t>(response.page.size()) == request.results_max) {
      response.next_token = next_token(response.page.back().id);
      break;
    }
    response.page.push_back(std::move(record));
  }
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("ExportSummaries");
  json.begin_array();
  for (const auto& record : response.page) {
    json.begin_object();
    json.member("ExportArn", record.arn);
    json.member("ExportStatus", transfer::job_status_name(record.status));
    json.member("ExportType", "FULL_EXPORT");
    json.end_object();
  }
  json.end_array();
  if (response.next_token) json.member("NextToken", *response.next_token);
}

}  // namespace

Operation list_exports() {
  return make_operation("ListExports", Access::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
