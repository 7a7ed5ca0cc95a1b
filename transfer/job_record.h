// What exports and imports remember alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace tidemark::transfer {

enum class JobStatus { kInProgress, kCompleted, kFailed };
std::string_view job_status_name(JobStatus status);  // `IN_PROGRESS`
std::optional<JobStatus> parse_job_status(std::string_view name);

struct JobRecord {
  std::string arn;
  std::string id;  // `01767225600123-0a1b2c3d`, the last element of the ARN
  JobStatus status = JobStatus::kInProgress;
  std::string account_id;
  std::string region;
  std::string table_arn;
  std::string table_uuid;
  std::uint32_t table_id = 0;  // storage::TableId
  Timestamp start_time;
  std::string client_token;
  std::string s3_bucket;
  Timestamp end_time;  // once ended
  // Once failed.
  std::string failure_code;
  std::string failure_message;
};

// The members of a JobRecord, inside an object that the caller has begun.
void write_job_members(const JobRecord& record, JsonWriter& json);
// Errors: kCorruption when the status is none that we know.
Result<void> read_job_members(json::Value object, JobRecord* record);

// `<14 digits of epoch milliseconds>-<8 hex digits>`: the id of exports, imports and backups.
std::string job_id(Timestamp start_time, std::string_view random_hex);

}  // namespace tidemark::transfer
