#include "transfer/bulk_record.h"

#include <array>

#include "base/json_fields.h"
#include "base/json_writer.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kCompressionNames = {"NONE", "GZIP", "ZSTD"};

void write_optional(std::string_view name, const std::optional<std::string>& text, JsonWriter& json) {
  if (text) json.member(name, *text);
}

// All that a request decides, but for its token.
void write_request_members(const BulkRecord& record, JsonWriter& json) {
  json.member("tableName", record.table_name);
  json.member("s3Bucket", record.s3_bucket);
  write_optional("s3BucketOwner", record.s3_bucket_owner, json);
  write_optional("s3KeyPrefix", record.s3_key_prefix, json);
  json.member("inputFormat", record.input_format);
  if (record.compression) json.member("compression", compression_name(*record.compression));
  const BulkOutput& output = record.output;
  json.member("outputBucket", output.s3_bucket);
  write_optional("outputBucketOwner", output.s3_bucket_owner, json);
  write_optional("outputKeyPrefix", output.s3_key_prefix, json);
  write_optional("outputSseAlgorithm", output.s3_sse_algorithm, json);
  write_optional("outputSseKmsKeyId", output.s3_sse_kms_key_id, json);
  json.member("withErrors", output.with_errors);
  json.member("withConditionFailures", output.with_condition_failures);
  if (record.max_write_request_units) json.member("maxWriteRequestUnits", *record.max_write_request_units);
  json.member("performanceTier", record.performance_tier);
}

}  // namespace

std::string_view BulkRecord::status_name() const {
  if (status == jobs::JobStatus::kCompleted && totals.errors > 0) return "COMPLETED_WITH_ERRORS";
  return job_status_name(status);
}

std::string BulkRecord::request_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_request_members(*this, json);
  json.end_object();
  return out;
}

std::string BulkRecord::to_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(*this, json);
  write_request_members(*this, json);
  json.member("processedInputBytes", static_cast<std::int64_t>(processed_input_bytes));
  json.member("totalInputBytes", static_cast<std::int64_t>(total_input_bytes));
  json.end_object();
  return out;
}

Result<BulkRecord> BulkRecord::from_json(std::string_view text) {
  return jobs::record_from_json<BulkRecord>(text, [](const JsonFields& in, BulkRecord* record) {
    in.read("tableName", &record->table_name);
    in.read("s3Bucket", &record->s3_bucket);
    in.read("s3BucketOwner", &record->s3_bucket_owner);
    in.read("s3KeyPrefix", &record->s3_key_prefix);
    in.read("inputFormat", &record->input_format);
    std::optional<std::string> compression;
    in.read("compression", &compression);
    if (compression) in.read_enum("compression", kCompressionNames, &record->compression.emplace());
    BulkOutput& output = record->output;
    in.read("outputBucket", &output.s3_bucket);
    in.read("outputBucketOwner", &output.s3_bucket_owner);
    in.read("outputKeyPrefix", &output.s3_key_prefix);
    in.read("outputSseAlgorithm", &output.s3_sse_algorithm);
    in.read("outputSseKmsKeyId", &output.s3_sse_kms_key_id);
    in.read("withErrors", &output.with_errors);
    in.read("withConditionFailures", &output.with_condition_failures);
    std::int64_t units = 0;
    in.read("maxWriteRequestUnits", &units);
    if (units > 0) record->max_write_request_units = units;
    in.read("performanceTier", &record->performance_tier);
    in.read_number("processedInputBytes", &record->processed_input_bytes);
    in.read_number("totalInputBytes", &record->total_input_bytes);
  });
}

}  // namespace tidemark::transfer
