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
  std::string mode;
};

Shape shape() {
  return structure(
      "UpdateContributorInsightsInput",
      {{"TableName", table_name_or_arn(), Presence::kRequired},
       {"IndexName", index_name()},
       {"ContributorInsightsAction", enumeration({"ENABLE", "DISABLE"}), Presence::kRequired},
       {"ContributorInsightsMode", enumeration({"ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"})}});
}

ApiResult<Request> parse(const Input& input) {
  return Request{.target = read_insights_target(input),
                 .enable = input.string("ContributorInsightsAction") == "ENABLE",
                 .mode = input.string("ContributorInsightsMode").value_or("")};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, request.target.table_name));
  ASSIGN_OR_RETURN(std::optional<model::ContributorInsights>* const insights,
                   find_insights(request.target, change.settings()));
  std::string mode = *insights ? (*insights)->mode : "ACCESSED_AND_THROTTLED_KEYS";
  if (!request.mode.empty()) mode = request.mode;
  *insights = {.enabled = request.enable, .mode = mode, .updated_at = context.clock.now()};
  ASSIGN_OR_RETURN(storage::TablePtr table, context.engine.table_states().save(std::move(change)));
  return Response{std::move(table), std::move(mode)};
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  render_insights_target(response.table->schema.name, request.target.index_name, json);
  json.member("ContributorInsightsStatus", request.enable ? "ENABLING" : "DISABLING");
  json.member("ContributorInsightsMode", response.mode);
}

}  // namespace

Operation update_contributor_insights() {
  return make_operation("UpdateContributorInsights", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
