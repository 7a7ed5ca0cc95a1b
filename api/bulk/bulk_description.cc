#include "api/bulk/bulk_description.h"

#include <cstdint>
#include <string_view>

#include "transfer/bulk_report.h"
#include "transfer/import_record.h"

namespace tidemark::api {
namespace {

void optional_member(std::string_view name, const std::optional<std::string>& text, JsonWriter& json) {
  if (text) json.member(name, *text);
}

void render_input(const transfer::BulkRecord& record, JsonWriter& json) {
  json.key("InputS3Configuration");
  json.begin_object();
  optional_member("S3BucketOwner", record.s3_bucket_owner, json);
  json.member("S3Bucket", record.s3_bucket);
  optional_member("S3KeyPrefix", record.s3_key_prefix, json);
  json.member("InputFormat", record.input_format);
  if (record.compression) json.member("InputCompressionType", compression_name(*record.compression));
  json.end_object();
}

void render_output(const transfer::BulkOutput& output, JsonWriter& json) {
  json.key("OutputS3Configuration");
  json.begin_object();
  optional_member("S3BucketOwner", output.s3_bucket_owner, json);
  json.member("S3Bucket", output.s3_bucket);
  optional_member("S3KeyPrefix", output.s3_key_prefix, json);
  optional_member("S3SseAlgorithm", output.s3_sse_algorithm, json);
  optional_member("S3SseKmsKeyId", output.s3_sse_kms_key_id, json);
  json.key("OutputType");
  json.begin_array();
  if (output.with_errors) json.string(report_kind_name(transfer::ReportKind::kError));
  if (output.with_condition_failures) {
    json.string(report_kind_name(transfer::ReportKind::kConditionFailure));
  }
  json.end_array();
  json.end_object();
}

// Says what the table used alone: nobody has said what the service counts of indexes.
void render_usage(const transfer::BulkRecord& record, std::uint64_t bytes, JsonWriter& json) {
  json.key("BulkOperationUsage");
  json.begin_array();
  json.begin_object();
  json.member("TableName", record.table_name);
  json.member("BulkPutBytes", static_cast<std::int64_t>(bytes));
  json.key("Table");
  json.begin_object();
  json.member("BulkPutBytes", static_cast<std::int64_t>(bytes));
  json.end_object();
  json.end_object();
  json.end_array();
}

}  // namespace

void render_bulk_description(const BulkState& state, JsonWriter& json) {
  const auto& [record, numbers] = state;
  json.key("BulkOperationDescription");
  json.begin_object();
  json.member("BulkOperationArn", record.arn);
  json.member("BulkOperationStatus", record.status_name());
  json.key("TableDetails");
  json.begin_array();
  json.begin_object();
  json.member("TableName", record.table_name);
  json.member("TableId", record.table_uuid);
  json.end_object();
  json.end_array();
  json.member("ClientToken", record.client_token);
  render_input(record, json);
  render_output(record.output, json);
  json.member("StartTime", record.start_time);
  if (is_ended(record.status)) json.member("EndTime", record.end_time);
  json.member("ProcessedItemCount", static_cast<std::int64_t>(numbers.counts.items));
  json.member("ProcessedInputBytes", static_cast<std::int64_t>(numbers.processed_input_bytes));
  if (numbers.total_input_bytes) {
    json.member("TotalInputBytes", static_cast<std::int64_t>(*numbers.total_input_bytes));
  }
  render_usage(record, numbers.counts.bytes, json);
  json.member("FailedItemCount", static_cast<std::int64_t>(numbers.counts.errors));
  if (!record.failure_code.empty()) {
    json.member("FailureCode", record.failure_code);
    json.member("FailureMessage", record.failure_message);
  }
  if (record.max_write_request_units) json.member("MaxWriteRequestUnits", *record.max_write_request_units);
  json.member("PerformanceTier", record.performance_tier);
  json.end_object();
}

}  // namespace tidemark::api
