#include "api/exports/export_description.h"

namespace tidemark::api {
namespace {

void render_window(const transfer::ExportWindow& window, JsonWriter& json) {
  json.key("IncrementalExportSpecification");
  json.begin_object();
  json.member("ExportFromTime", window.from);
  json.member("ExportToTime", window.to);
  json.member("ExportViewType", window.view);
  json.end_object();
}

}  // namespace

std::string_view export_status_name(jobs::JobStatus status) {
  switch (status) {
    case jobs::JobStatus::kInProgress:
    case jobs::JobStatus::kCancelling:
      return "IN_PROGRESS";
    case jobs::JobStatus::kCompleted:
      return "COMPLETED";
    case jobs::JobStatus::kFailed:
    case jobs::JobStatus::kCancelled:
      return "FAILED";
  }
  return "FAILED";
}

void render_export_description(const transfer::ExportRecord& record, JsonWriter& json) {
  const bool is_completed = record.status == jobs::JobStatus::kCompleted;
  json.key("ExportDescription");
  json.begin_object();
  json.member("ExportArn", record.arn);
  json.member("ExportStatus", export_status_name(record.status));
  json.member("StartTime", record.start_time);
  if (is_completed) {
    json.member("EndTime", record.end_time);
    json.member("ExportManifest", record.manifest_key);
  }
  json.member("TableArn", record.table_arn);
  json.member("TableId", record.table_uuid);
  if (record.window) {
    render_window(*record.window, json);
  } else {
    json.member("ExportTime", record.export_time);
  }
  json.member("ClientToken", record.client_token);
  json.member("S3Bucket", record.s3_bucket);
  if (record.s3_bucket_owner) json.member("S3BucketOwner", *record.s3_bucket_owner);
  if (record.s3_prefix) json.member("S3Prefix", *record.s3_prefix);
  json.member("S3SseAlgorithm", record.s3_sse_algorithm);
  if (record.s3_sse_kms_key_id) json.member("S3SseKmsKeyId", *record.s3_sse_kms_key_id);
  if (is_ended(record.status) && !is_completed) {
    json.member("FailureCode", record.failure_code);
    json.member("FailureMessage", record.failure_message);
  }
  json.member("ExportFormat", record.export_format);
  // A member that no SDK model knows, but the service sends it.
  json.member("DestinationType", "S3");
  if (is_completed) {
    json.member("BilledSizeBytes", static_cast<std::int64_t>(record.billed_size_bytes()));
    json.member("ItemCount", static_cast<std::int64_t>(record.totals.items));
  }
  if (record.filter) json.key("FilterSpecification"), json.raw(*record.filter);
  // A full export shows it only when it was asked for.
  if (record.window || record.type_requested) json.member("ExportType", record.type_name());
  json.end_object();
}

}  // namespace tidemark::api
