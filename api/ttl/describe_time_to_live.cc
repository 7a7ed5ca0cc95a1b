#include "api/tables/setting_description.h"
#include "api/ttl/ttl.h"

namespace tidemark::api {
namespace {

void render(const model::TableSchema& schema, JsonWriter& json) {
  const auto& ttl = schema.ttl;
  json.key("TimeToLiveDescription");
  json.begin_object();
  json.member("TimeToLiveStatus", ttl ? model::ttl_status_name(ttl->status) : "DISABLED");
  if (ttl) json.member("AttributeName", ttl->attribute);
  json.end_object();
}

// Not of a table that is on its way in or out.
ApiResult<void> check(const model::TableSchema& schema) {
  if (schema.status != model::TableStatus::kCreating && schema.status != model::TableStatus::kDeleting)
    return {};
  const std::string status(model::table_status_name(schema.status));
  return fail(validation("Cannot describe time to live while table is in " + status +
                         " state: Current table state is " + status));
}

}  // namespace

Operation describe_time_to_live() {
  return describe_setting("DescribeTimeToLive", "DescribeTimeToLiveInput", render, check);
}

}  // namespace tidemark::api
