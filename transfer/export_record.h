// What is remembered of an export: the request, the outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_record.h"

namespace tidemark::transfer {

inline constexpr std::string_view kNewAndOldImages = "NEW_AND_OLD_IMAGES";
// Incremental exports are billed for so much at least. Source: recorded answers.
inline constexpr std::uint64_t kIncrementBilledBytesMin = 10'000'000;

// What an incremental export holds: what was written behind `from`, up to `to`.
struct ExportWindow {
  Timestamp from;  // as it is told, a whole second
  Timestamp to;
  // The moment that `from` stands for: later where recovery was turned on in the middle of that second.
  Timestamp read_from;
  std::string view{kNewAndOldImages};  // ExportViewType

  bool operator==(const ExportWindow&) const = default;
};

// Members as in the API's ExportDescription; ItemCount and BilledSizeBytes are the totals' items and bytes.
// ON DISK: members may be added with a default, never renamed.
struct ExportRecord : jobs::JobRecord {
  std::string s3_bucket;
  Timestamp export_time;               // of a full export
  std::optional<ExportWindow> window;  // of an incremental one
  std::optional<std::string> filter;   // FilterSpecification, as the request had it: JSON
  std::optional<std::string> s3_bucket_owner;
  std::optional<std::string> s3_prefix;
  std::string s3_sse_algorithm = "AES256";
  std::optional<std::string> s3_sse_kms_key_id;
  std::string export_format = "DYNAMODB_JSON";
  bool type_requested = false;  // ExportType was in the request: DescribeExport shows it only then

  std::string manifest_key;  // once completed

  [[nodiscard]] std::string_view type_name() const { return window ? "INCREMENTAL_EXPORT" : "FULL_EXPORT"; }
  [[nodiscard]] std::uint64_t billed_size_bytes() const;

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<ExportRecord> from_json(std::string_view text);
};

}  // namespace tidemark::transfer
