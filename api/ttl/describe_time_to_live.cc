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

}  // namespace

Operation describe_time_to_live() {
  return describe_setting("DescribeTimeToLive", "DescribeTimeToLiveInput", render);
}

}  // namespace tidemark::api
