// What is remembered of an export: the request, the outcome.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_record.h"

namespace tidemark::transfer {

// Members as in the API's ExportDescription; ItemCount and BilledSizeBytes are the totals' items and bytes.
// ON DISK: members may be added with a default, never renamed.
struct ExportRecord : jobs::JobRecord {
  std::string s3_bucket;
  Timestamp export_time;
  std::optional<std::string> s3_bucket_owner;
  std::optional<std::string> s3_prefix;
  std::string s3_sse_algorithm = "AES256";
  std::optional<std::string> s3_sse_kms_key_id;
  std::string export_format = "DYNAMODB_JSON";
  bool type_requested = false;  // ExportType was in the request: DescribeExport shows it only then

  std::string manifest_key;  // once completed

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<ExportRecord> from_json(std::string_view text);
};

}  // namespace tidemark::transfer
