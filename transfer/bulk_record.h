// What is remembered of a bulk operation: the request, the outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jobs/job_record.h"
#include "transfer/format/input_compression.h"

namespace tidemark::transfer {

// Where the reports go, and which there are.
struct BulkOutput {
  std::string s3_bucket;
  std::optional<std::string> s3_bucket_owner;
  std::optional<std::string> s3_key_prefix;
  std::optional<std::string> s3_sse_algorithm;
  std::optional<std::string> s3_sse_kms_key_id;
  bool with_errors = false;              // OutputType has ERROR
  bool with_condition_failures = false;  // and CONDITION_CHECK_FAILURE
};

// Members as in the API's BulkOperationDescription; ProcessedItemCount, FailedItemCount and BulkPutBytes are
// the totals' items, errors and bytes.
// ON DISK: members may be added with a default, never renamed.
struct BulkRecord : jobs::JobRecord {
  std::string table_name;  // as the request had it, perhaps an ARN
  std::string s3_bucket;
  std::optional<std::string> s3_bucket_owner;
  std::optional<std::string> s3_key_prefix;
  std::string input_format = "DYNAMODB_JSON";
  std::optional<InputCompression> compression;
  BulkOutput output;
  std::optional<std::int64_t> max_write_request_units;
  std::string performance_tier = "STANDARD";

  // Once ended.
  std::uint64_t processed_input_bytes = 0;
  std::uint64_t total_input_bytes = 0;

  [[nodiscard]] std::string_view status_name() const;  // `COMPLETED_WITH_ERRORS`

  // What was asked for, alone: equal for requests that ask for the same, however they are written.
  [[nodiscard]] std::string request_json() const;

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<BulkRecord> from_json(std::string_view text);
};

}  // namespace tidemark::transfer
