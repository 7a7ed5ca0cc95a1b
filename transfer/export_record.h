// What is remembered of an export: the request, the outcome. Kept as a catalog document, kind "export", key =
// ARN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark::transfer {

inline constexpr std::string_view kExportDocument = "export";

enum class JobStatus { kInProgress, kCompleted, kFailed };
std::string_view job_status_name(JobStatus status);  // `IN_PROGRESS`
std::optional<JobStatus> parse_job_status(std::string_view name);

// Members as in the API's ExportDescription.
struct ExportRecord {
  std::string arn;
  std::string id;  // `01767225600123-0a1b2c3d`, the last element of the ARN
  JobStatus status = JobStatus::kInProgress;
  std::string account_id;
  std::string region;
  std::string table_arn;
  std::string table_uuid;
  std::uint32_t table_id = 0;  // storage::TableId
  Timestamp start_time;
  Timestamp export_time;
  std::string client_token;
  std::string s3_bucket;
  std::optional<std::string> s3_bucket_owner;
  std::optional<std::string> s3_prefix;
  std::string s3_sse_algorithm = "AES256";
  std::optional<std::string> s3_sse_kms_key_id;
  std::string export_format = "DYNAMODB_JSON";
  bool type_requested = false;  // ExportType was in the request: DescribeExport shows it only then

  // Once completed.
  Timestamp end_time;
  std::string manifest_key;
  std::uint64_t billed_size_bytes = 0;
  std::uint64_t item_count = 0;
  // Once failed.
  std::string failure_code;
  std::string failure_message;
};

// ON DISK: members may be added with a default, never renamed.
std::string to_json(const ExportRecord& record);
// Errors: kCorruption.
Result<ExportRecord> export_record_from_json(std::string_view text);

// `<14 digits of epoch milliseconds>-<8 hex digits>`: the id of exports, imports and backups.
std::string job_id(Timestamp start_time, std::string_view random_hex);

}  // namespace tidemark::transfer
