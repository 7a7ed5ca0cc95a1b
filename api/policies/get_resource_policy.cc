#include <string>
#include <string_view>

#include "api/policies/policies.h"
#include "api/policies/policy_holder.h"
#include "api/tags/tagged_table.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
};

struct Response {
  std::string text;
  std::int64_t revision = 0;
};

Shape shape() {
  return structure("GetResourcePolicyInput", {{"ResourceArn", resource_arn(), Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) { return Request{input.string("ResourceArn").value_or("")}; }

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, find_policy_holder(context, request.arn));
  PolicyBook policies = policy_book_from(table->schema.resource_policy);
  StoredPolicy& policy = policy_in(policies, request.arn);
  if (policy.text.empty()) return fail(policy_not_found(request.arn));
  return Response{std::move(policy.text), policy.revision};
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.member("Policy", response.text);
  json.member("RevisionId", std::to_string(response.revision));
}

}  // namespace

Operation get_resource_policy() {
  return make_operation("GetResourcePolicy", Cost::kQuickRead, shape(), parse, execute, render);
}

}  // namespace tidemark::api
