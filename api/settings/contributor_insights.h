// What the operations on contributor insights share: of what they are, a table or one of its global indexes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/json_writer.h"
#include "model/table_schema.h"

namespace tidemark::api {

struct InsightsTarget {
  std::string_view table_name;  // or ARN
  std::string_view index_name;  // empty: the table
};
// Errors: ValidationException for the name of an index that is too short or too long.
ApiResult<InsightsTarget> read_insights_target(const Input& input);
// TableName and IndexName.
std::vector<Member> insights_target_members();

// The setting in a schema, for a reader or to be changed. Errors: ResourceNotFoundException when there is no
// such index.
ApiResult<const std::optional<model::ContributorInsights>*> find_insights(const InsightsTarget& target,
                                                                          const model::TableSchema& schema);
ApiResult<std::optional<model::ContributorInsights>*> find_insights(const InsightsTarget& target,
                                                                    model::TableSchema& schema);

// Writes the members TableName and, for an index, IndexName.
void render_insights_target(std::string_view table_name, std::string_view index_name, JsonWriter& json);

}  // namespace tidemark::api
