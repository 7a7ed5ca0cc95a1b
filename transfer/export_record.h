// What is remembered of an export: the request, the outcome. Kept as a catalog document, kind "export", key =
// ARN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "transfer/job_record.h"

namespace tidemark::transfer {

inline constexpr std::string_view kExportDocument = "export";

// Members as in the API's ExportDescription.
struct ExportRecord : JobRecord {
  Timestamp export_time;
  std::optional<std::string> s3_bucket_owner;
  std::optional<std::string> s3_prefix;
  std::string s3_sse_algorithm = "AES256";
  std::optional<std::string> s3_sse_kms_key_id;
  std::string export_format = "DYNAMODB_JSON";
  bool type_requested = false;  // ExportType was in the request: DescribeExport shows it only then

  // Once completed.
  std::string manifest_key;
  std::uint64_t billed_size_bytes = 0;
  std::uint64_t item_count = 0;
};

// ON DISK: members may be added with a default, never renamed.
std::string to_json(const ExportRecord& record);
// Errors: kCorruption.
Result<ExportRecord> export_record_from_json(std::string_view text);

}  // namespace tidemark::transfer
