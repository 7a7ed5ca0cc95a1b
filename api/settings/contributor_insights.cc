#include "api/settings/contributor_insights.h"

#include <algorithm>

namespace tidemark::api {
namespace {

template <class Schema>
auto find_in(const InsightsTarget& target, Schema& schema)
    -> ApiResult<decltype(&schema.contributor_insights)> {
  if (target.index_name.empty()) return &schema.contributor_insights;
  const auto found = std::ranges::find(schema.indexes, target.index_name, &model::IndexSchema::name);
  if (found != schema.indexes.end() && found->kind == model::IndexKind::kGlobal) {
    return &found->contributor_insights;
  }
  return fail(resource_not_found("Requested resource not found: Index: " + std::string(target.index_name) +
                                 " not found for table: " + schema.name));
}

}  // namespace

std::vector<Member> insights_target_members() {
  return {{"TableName", table_name_or_arn(), Presence::kRequired}, {"IndexName", string()}};
}

ApiResult<InsightsTarget> read_insights_target(const Input& input) {
  const auto index_name = input.string("IndexName");
  if (index_name && (index_name->size() < 3 || index_name->size() > 255)) {
    return fail(validation("IndexName must be at least 3 characters long and at most 255 characters long"));
  }
  return InsightsTarget{.table_name = input.string("TableName").value_or(""),
                        .index_name = index_name.value_or("")};
}

ApiResult<const std::optional<model::ContributorInsights>*> find_insights(const InsightsTarget& target,
                                                                          const model::TableSchema& schema) {
  return find_in(target, schema);
}

ApiResult<std::optional<model::ContributorInsights>*> find_insights(const InsightsTarget& target,
                                                                    model::TableSchema& schema) {
  return find_in(target, schema);
}

void render_insights_target(std::string_view table_name, std::string_view index_name, JsonWriter& json) {
  json.member("TableName", table_name);
  if (!index_name.empty()) json.member("IndexName", index_name);
}

}  // namespace tidemark::api
