#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/policies/policies.h"
#include "api/policies/policy_holder.h"
#include "api/tags/tagged_table.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
  std::optional<std::string_view> expected_revision;
};

struct Response {
  std::optional<std::int64_t> revision;  // of what is gone
};

Shape shape() {
  return structure("DeleteResourcePolicyInput", {{"ResourceArn", resource_arn(), Presence::kRequired},
                                                 {"ExpectedRevisionId", policy_revision()}});
}

ApiResult<Request> parse(const Input& input) {
  return Request{.arn = input.string("ResourceArn").value_or(""),
                 .expected_revision = input.string("ExpectedRevisionId")};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_policy_holder(context, request.arn));
  PolicyBook policies = policy_book_from(change.settings().resource_policy);
  StoredPolicy& policy = policy_in(policies, request.arn);
  RETURN_IF_ERROR(check_revision(policy, request.expected_revision, request.arn));
  if (policy.text.empty()) return Response();  // none is as good as gone
  const Response response{policy.revision};
  policy.text.clear();
  change.settings().resource_policy = to_text(policies);
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  if (response.revision) json.member("RevisionId", std::to_string(*response.revision));
}

}  // namespace

Operation delete_resource_policy() {
  return make_operation("DeleteResourcePolicy", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
