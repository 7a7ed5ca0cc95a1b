#include "api/backups/backup_requests.h"

#include <algorithm>

#include "api/jobs/job_arn.h"
#include "api/tables/table_description.h"
#include "api/tables/vector_indexes.h"

namespace tidemark::api {
namespace {

using model::IndexKind;

void render_throughput(const model::Throughput& throughput, JsonWriter& json) {
  json.key("ProvisionedThroughput");
  json.begin_object();
  json.member("ReadCapacityUnits", throughput.read_units);
  json.member("WriteCapacityUnits", throughput.write_units);
  json.end_object();
}

void render_table(const timetravel::BackupRecord& backup, JsonWriter& json) {
  const model::TableSchema& schema = backup.schema;
  json.key("SourceTableDetails");
  json.begin_object();
  json.member("TableName", schema.name);
  json.member("TableId", schema.uuid);
  json.member("TableArn", schema.arn());
  json.member("TableSizeBytes", backup.size_bytes);
  json.key("KeySchema");
  render_key_schema(schema.keys, json);
  json.member("TableCreationDateTime", schema.created_at);
  render_throughput(schema.throughput, json);
  if (schema.on_demand_throughput) {
    json.key("OnDemandThroughput");
    json.begin_object();
    json.member("MaxReadRequestUnits", schema.on_demand_throughput->max_read_units);
    json.member("MaxWriteRequestUnits", schema.on_demand_throughput->max_write_units);
    json.end_object();
  }
  json.member("ItemCount", backup.item_count);
  json.member("BillingMode", billing_mode_name(schema.billing_mode));
  json.end_object();
}

void render_indexes(const model::TableSchema& schema, IndexKind kind, std::string_view member,
                    JsonWriter& json) {
  const auto is_shown = [kind](const model::IndexSchema& index) { return index.kind == kind; };
  if (std::ranges::none_of(schema.indexes, is_shown)) return;
  json.key(member);
  json.begin_array();
  for (const model::IndexSchema& index : schema.indexes) {
    if (!is_shown(index)) continue;
    json.begin_object();
    if (kind == IndexKind::kVector) {
      render_vector_index_settings(index, json);
      json.end_object();
      continue;
    }
    json.member("IndexName", index.name);
    json.key("KeySchema");
    render_key_schema(index.keys, json);
    json.key("Projection");
    render_projection(index.projection, json);
    if (kind == IndexKind::kGlobal) render_throughput(index.throughput, json);
    json.end_object();
  }
  json.end_array();
}

// The service tells nothing here about what the deletion of a table keeps.
void render_features(const timetravel::BackupRecord& backup, JsonWriter& json) {
  json.key("SourceTableFeatureDetails");
  json.begin_object();
  if (backup.type == timetravel::BackupType::kUser) {
    const model::TableSchema& schema = backup.schema;
    render_indexes(schema, IndexKind::kLocal, "LocalSecondaryIndexes", json);
    render_indexes(schema, IndexKind::kGlobal, "GlobalSecondaryIndexes", json);
    render_indexes(schema, IndexKind::kVector, "VectorIndexes", json);
    if (schema.stream && schema.stream->enabled) {
      json.key("StreamDescription");
      json.begin_object();
      json.member("StreamEnabled", true);
      json.member("StreamViewType", schema.stream->view_type);
      json.end_object();
    }
    if (schema.ttl) {
      json.key("TimeToLiveDescription");
      json.begin_object();
      json.member("TimeToLiveStatus", model::ttl_status_name(schema.ttl->status));
      json.member("AttributeName", schema.ttl->attribute);
      json.end_object();
    }
    if (schema.sse) {
      json.key("SSEDescription");
      render_sse_description(*schema.sse, json);
    }
  }
  json.end_object();
}

}  // namespace

Shape backup_arn() { return string().length(37, 1024); }

Member backup_arn_member() { return {"BackupArn", backup_arn(), Presence::kRequired}; }

std::string read_backup_arn(const Input& input) { return input.required_string("BackupArn"); }

ApiError backup_not_found(std::string_view arn) {
  return {ErrorType::kBackupNotFound, "Backup not found: " + std::string(arn)};
}

ApiError invalid_backup_arn() { return validation("Invalid Backup ARN"); }

ApiResult<timetravel::BackupPtr> find_backup(const OperationContext& context, std::string_view arn) {
  const auto parsed = parse_job_arn(arn, "backup");
  if (!parsed) return fail(invalid_backup_arn());
  if (parsed->account_id != context.owner.account_id) return fail(access_denied());
  auto backup = context.time_travel->backups.find(arn);
  if (!backup) return fail(backup_not_found(arn));
  return backup;
}

void render_backup_details(const timetravel::BackupRecord& backup, std::string_view status,
                           JsonWriter& json) {
  json.member("BackupArn", backup.arn);
  json.member("BackupName", backup.name);
  json.member("BackupSizeBytes", backup.size_bytes);
  json.member("BackupStatus", status);
  json.member("BackupType", backup_type_name(backup.type));
  json.member("BackupCreationDateTime", backup.created_at);
  if (backup.expires_at) json.member("BackupExpiryDateTime", *backup.expires_at);
}

void render_backup_description(const timetravel::BackupRecord& backup, std::string_view status,
                               JsonWriter& json) {
  json.key("BackupDescription");
  json.begin_object();
  json.key("BackupDetails");
  json.begin_object();
  render_backup_details(backup, status, json);
  json.end_object();
  render_table(backup, json);
  render_features(backup, json);
  json.end_object();
}

}  // namespace tidemark::api
