#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/policies/policies.h"
#include "api/policies/policy_holder.h"
#include "api/tags/tagged_table.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
  std::string_view policy;
  std::optional<std::string_view> expected_revision;
  bool confirms_removal = false;
};

struct Response {
  std::int64_t revision = 0;
};

Shape shape() {
  return structure("PutResourcePolicyInput", {{"ResourceArn", resource_arn(), Presence::kRequired},
                                              {"Policy", string(), Presence::kRequired},
                                              {"ExpectedRevisionId", policy_revision()},
                                              {"ConfirmRemoveSelfResourceAccess", boolean()}});
}

ApiResult<Request> parse(const Input& input) {
  return Request{.arn = input.string("ResourceArn").value_or(""),
                 .policy = input.string("Policy").value_or(""),
                 .expected_revision = input.string("ExpectedRevisionId"),
                 .confirms_removal = input.boolean("ConfirmRemoveSelfResourceAccess").value_or(false)};
}

ApiResult<void> check_document(const Request& request, const OperationContext& context,
                               const model::TableSchema& schema) {
  const PolicyOf of = kind_of(request.arn);
  const std::string arn = of == PolicyOf::kTable ? schema.arn() : std::string(request.arn);
  RETURN_IF_ERROR(check_policy_document(request.policy, arn, of));
  if (request.confirms_removal) return {};
  return check_policy_access_is_kept(context, request.policy, arn, of);
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_policy_holder(context, request.arn));
  PolicyBook policies = policy_book_from(change.settings().resource_policy);
  StoredPolicy& policy = policy_in(policies, request.arn);
  RETURN_IF_ERROR(check_document(request, context, change.table()->schema));
  RETURN_IF_ERROR(check_revision(policy, request.expected_revision, request.arn));
  // The identical policy keeps its revision.
  if (policy.text == request.policy && policy.revision != 0) return Response{policy.revision};
  policy.text = request.policy;
  policy.revision = std::max(policy.revision + 1, context.clock.now().millis());
  const Response response{policy.revision};
  change.settings().resource_policy = to_text(policies);
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.member("RevisionId", std::to_string(response.revision));
}

}  // namespace

Operation put_resource_policy() {
  return make_operation("PutResourcePolicy", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
