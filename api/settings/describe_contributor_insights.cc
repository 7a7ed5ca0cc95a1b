#include "api/core/table_lookup.h"
#include "api/settings/contributor_insights.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

struct Response {
  storage::TablePtr table;
  const model::KeySchema* keys = nullptr;  // of the table or the index
  const std::optional<model::ContributorInsights>* insights = nullptr;
};

ApiResult<InsightsTarget> parse(const Input& input) { return read_insights_target(input); }

ApiResult<Response> execute(const InsightsTarget& target, OperationContext& context) {
  Response response;
  ASSIGN_OR_RETURN(response.table, existing_table(context, target.table_name));
  const model::TableSchema& schema = response.table->schema;
  ASSIGN_OR_RETURN(response.insights, find_insights(target, schema));
  const model::IndexSchema* const index = schema.find_index(target.index_name);
  response.keys = index != nullptr ? &index->keys : &schema.keys;
  return response;
}

// The rules are CloudWatch's: what is accessed and what is throttled most, by partition key and by both keys.
void render_rules(const InsightsTarget& target, const Response& response, JsonWriter& json) {
  const model::ContributorInsights& insights = **response.insights;
  std::string resource = response.table->schema.name;
  if (!target.index_name.empty()) resource += "-" + std::string(target.index_name);
  const std::string suffix = "-" + resource + "-" + std::to_string(insights.updated_at.micros / 1'000);
  const bool has_sort_key = !response.keys->sort_keys.empty();
  const bool has_accesses = insights.mode != "THROTTLED_KEYS";
  json.key("ContributorInsightsRuleList");
  json.begin_array();
  if (has_accesses) json.string("DynamoDBContributorInsights-PKC" + suffix);
  json.string("DynamoDBContributorInsights-PKT" + suffix);
  if (has_sort_key && has_accesses) json.string("DynamoDBContributorInsights-SKC" + suffix);
  if (has_sort_key) json.string("DynamoDBContributorInsights-SKT" + suffix);
  json.end_array();
}

void render(const InsightsTarget& target, const Response& response, JsonWriter& json) {
  const std::optional<model::ContributorInsights>& insights = *response.insights;
  const bool is_enabled = insights && insights->enabled;
  render_insights_target(response.table->schema.name, target.index_name, json);
  if (is_enabled) render_rules(target, response, json);
  json.member("ContributorInsightsStatus", is_enabled ? "ENABLED" : "DISABLED");
  if (!insights) return;
  json.member("LastUpdateDateTime", insights->updated_at);
  if (is_enabled) json.member("ContributorInsightsMode", insights->mode);
}

}  // namespace

Operation describe_contributor_insights() {
  return make_operation("DescribeContributorInsights", Cost::kQuickRead,
                        structure("DescribeContributorInsightsInput", insights_target_members()), parse,
                        execute, render);
}

}  // namespace tidemark::api
