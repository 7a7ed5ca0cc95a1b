#include "transfer/job_record.h"

#include <cstdio>

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

void write_job_members(const JobRecord& record, JsonWriter& json) {
  json.member("arn", record.arn);
  json.member("id", record.id);
  json.member("status", job_status_name(record.status));
  json.member("accountId", record.account_id);
  json.member("region", record.region);
  json.member("tableArn", record.table_arn);
  json.member("tableUuid", record.table_uuid);
  json.member("tableId", static_cast<std::int64_t>(record.table_id));
  record_json::write(json, "startTime", record.start_time);
  json.member("clientToken", record.client_token);
  json.member("s3Bucket", record.s3_bucket);
  record_json::write(json, "endTime", record.end_time);
  json.member("failureCode", record.failure_code);
  json.member("failureMessage", record.failure_message);
}

Result<void> read_job_members(json::Value object, JobRecord* record) {
  using record_json::read;
  read(object, "arn", &record->arn);
  read(object, "id", &record->id);
  std::string status;
  read(object, "status", &status);
  const auto parsed_status = parse_job_status(status);
  if (!parsed_status) return fail(Error::corruption("the record of " + record->arn + " has no known status"));
  record->status = *parsed_status;
  read(object, "accountId", &record->account_id);
  read(object, "region", &record->region);
  read(object, "tableArn", &record->table_arn);
  read(object, "tableUuid", &record->table_uuid);
  record_json::read_integer(object, "tableId", &record->table_id);
  read(object, "startTime", &record->start_time);
  read(object, "clientToken", &record->client_token);
  read(object, "s3Bucket", &record->s3_bucket);
  read(object, "endTime", &record->end_time);
  read(object, "failureCode", &record->failure_code);
  read(object, "failureMessage", &record->failure_message);
  return {};
}

std::string job_id(Timestamp start_time, std::string_view random_hex) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%014lld-", static_cast<long long>(start_time.millis()));
  return digits + std::string(random_hex);
}

}  // namespace tidemark::transfer
