#include <utility>

#include "api/settings/contributor_insights.h"
#include "api/settings/settings.h"
#include "api/tables/table_state.h"

namespace tidemark::api {
namespace {

struct Request {
  InsightsTarget target;
  bool enable = false;
  std::string_view mode;  // empty: nobody said
};

struct Response {
  storage::TablePtr table;
  std::string_view status;
  std::string mode;  // empty: never enabled
};

Shape shape() {
  std::vector<Member> members = insights_target_members();
  members.push_back({"ContributorInsightsAction", enumeration({"ENABLE", "DISABLE"}), Presence::kRequired});
  members.push_back(
      {"ContributorInsightsMode", enumeration({"THROTTLED_KEYS", "ACCESSED_AND_THROTTLED_KEYS"})});
  return structure("UpdateContributorInsightsInput", std::move(members));
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  ASSIGN_OR_RETURN(request.target, read_insights_target(input));
  request.enable = input.string("ContributorInsightsAction") == "ENABLE";
  request.mode = input.string("ContributorInsightsMode").value_or("");
  return request;
}

// What is new cannot be looked into yet.
ApiResult<void> check_may_enable(const Request& request, const model::TableSchema& schema) {
  const auto not_active = [](const std::string& status) {
    return fail(validation("Table or Index is not in a valid state to update Key Access Insights: " + status +
                           " must be ACTIVE to enable ContributorInsights."));
  };
  if (!request.enable) return {};
  if (schema.status == model::TableStatus::kCreating) return not_active("TableStatus");
  const model::IndexSchema* const index = schema.find_index(request.target.index_name);
  if (index != nullptr && index->status == model::IndexStatus::kCreating) return not_active("IndexStatus");
  return {};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, request.target.table_name));
  ASSIGN_OR_RETURN(std::optional<model::ContributorInsights>* const insights,
                   find_insights(request.target, change.settings()));
  RETURN_IF_ERROR(check_may_enable(request, change.table()->schema));
  const bool was_enabled = *insights && (*insights)->enabled;
  std::string mode = *insights ? (*insights)->mode : "";
  if (request.enable && mode.empty()) mode = "ACCESSED_AND_THROTTLED_KEYS";
  if (request.enable && !request.mode.empty()) mode = request.mode;
  // What is so already stays as it is, its time too.
  if (request.enable == was_enabled && (!was_enabled || mode == (*insights)->mode)) {
    return Response{change.table(), request.enable ? "ENABLED" : "DISABLED", std::move(mode)};
  }
  *insights = {.enabled = request.enable, .mode = mode, .updated_at = context.clock.now()};
  ASSIGN_OR_RETURN(storage::TablePtr table, context.engine.table_states().save(std::move(change)));
  return Response{std::move(table), request.enable ? "ENABLING" : "DISABLING", std::move(mode)};
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  render_insights_target(response.table->schema.name, request.target.index_name, json);
  json.member("ContributorInsightsStatus", response.status);
  if (!response.mode.empty()) json.member("ContributorInsightsMode", response.mode);
}

}  // namespace

Operation update_contributor_insights() {
  return make_operation("UpdateContributorInsights", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
