#include "transfer/export_record.h"

#include <cstdio>

#include "base/json.h"
#include "base/json_writer.h"
#include "transfer/record_json.h"

namespace tidemark::transfer {

std::string_view job_status_name(JobStatus status) {
  switch (status) {
    case JobStatus::kInProgress:
      return "IN_PROGRESS";
    case JobStatus::kCompleted:
      return "COMPLETED";
    case JobStatus::kFailed:
      return "FAILED";
  }
  return "FAILED";
}

std::optional<JobStatus> parse_job_status(std::string_view name) {
  for (const auto status : {JobStatus::kInProgress, JobStatus::kCompleted, JobStatus::kFailed}) {
    if (job_status_name(status) == name) return status;
  }
  return std::nullopt;
}

std::string to_json(const ExportRecord& record) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  json.member("arn", record.arn);
  json.member("id", record.id);
  json.member("status", job_status_name(record.status));
  json.member("accountId", record.account_id);
  json.member("region", record.region);
  json.member("tableArn", record.table_arn);
  json.member("tableUuid", record.table_uuid);
  json.member("tableId", static_cast<std::int64_t>(record.table_id));
  record_json::write(json, "startTime", record.start_time);
  record_json::write(json, "exportTime", record.export_time);
  json.member("clientToken", record.client_token);
  json.member("s3Bucket", record.s3_bucket);
  record_json::write(json, "s3BucketOwner", record.s3_bucket_owner);
  record_json::write(json, "s3Prefix", record.s3_prefix);
  json.member("s3SseAlgorithm", record.s3_sse_algorithm);
  record_json::write(json, "s3SseKmsKeyId", record.s3_sse_kms_key_id);
  json.member("exportFormat", record.export_format);
  json.member("typeRequested", record.type_requested);
  record_json::write(json, "endTime", record.end_time);
  json.member("manifestKey", record.manifest_key);
  json.member("billedSizeBytes", static_cast<std::int64_t>(record.billed_size_bytes));
  json.member("itemCount", static_cast<std::int64_t>(record.item_count));
  json.member("failureCode", record.failure_code);
  json.member("failureMessage", record.failure_message);
  json.end_object();
  return out;
}

Result<ExportRecord> export_record_from_json(std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return fail(Error::corruption("export record is not a JSON object"));
  using record_json::read;
  using record_json::read_integer;
  ExportRecord record;
  read(*root, "arn", &record.arn);
  read(*root, "id", &record.id);
  std::string status;
  read(*root, "status", &status);
  const auto parsed_status = parse_job_status(status);
  if (!parsed_status) return fail(Error::corruption("export record " + record.arn + " has no known status"));
  record.status = *parsed_status;
  read(*root, "accountId", &record.account_id);
  read(*root, "region", &record.region);
  read(*root, "tableArn", &record.table_arn);
  read(*root, "tableUuid", &record.table_uuid);
  read_integer(*root, "tableId", &record.table_id);
  read(*root, "startTime", &record.start_time);
  read(*root, "exportTime", &record.export_time);
  read(*root, "clientToken", &record.client_token);
  read(*root, "s3Bucket", &record.s3_bucket);
  read(*root, "s3BucketOwner", &record.s3_bucket_owner);
  read(*root, "s3Prefix", &record.s3_prefix);
  read(*root, "s3SseAlgorithm", &record.s3_sse_algorithm);
  read(*root, "s3SseKmsKeyId", &record.s3_sse_kms_key_id);
  read(*root, "exportFormat", &record.export_format);
  read(*root, "typeRequested", &record.type_requested);
  read(*root, "endTime", &record.end_time);
  read(*root, "manifestKey", &record.manifest_key);
  read_integer(*root, "billedSizeBytes", &record.billed_size_bytes);
  read_integer(*root, "itemCount", &record.item_count);
  read(*root, "failureCode", &record.failure_code);
  read(*root, "failureMessage", &record.failure_message);
  return record;
}

std::string job_id(Timestamp start_time, std::string_view random_hex) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%014lld-", static_cast<long long>(start_time.millis()));
  return digits + std::string(random_hex);
}

}  // namespace tidemark::transfer
