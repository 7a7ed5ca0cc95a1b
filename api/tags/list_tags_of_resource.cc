#include "api/core/table_lookup.h"
#include "api/tags/tagged_table.h"
#include "api/tags/tags.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
};

struct Response {
  storage::TablePtr table;
};

Shape shape() {
  return structure("ListTagsOfResourceInput",
                   {{"ResourceArn", resource_arn(), Presence::kRequired}, {"NextToken", string()}});
}

// All tags fit into one answer, so no answer has ever given a token. The service answers the first page to
// whatever is sent as one.
ApiResult<Request> parse(const Input& input) {
  const Request request{input.string("ResourceArn").value_or("")};
  RETURN_IF_ERROR(check_table_arn(request.arn));
  return request;
}

// The service does not tell whether a table is there that the caller has no right to.
ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, find_table(context, request.arn));
  if (!table) return fail(not_authorized(context, request.arn));
  if (is_being_restored(*table)) return fail(table_not_found(request.arn));
  return Response{std::move(table)};
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("Tags");
  json.begin_array();
  for (const model::Tag& tag : response.table->schema.tags) {
    json.begin_object();
    json.member("Key", tag.key);
    json.member("Value", tag.value);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Operation list_tags_of_resource() {
  return make_operation("ListTagsOfResource", Cost::kQuickRead, shape(), parse, execute, render);
}

}  // namespace tidemark::api
