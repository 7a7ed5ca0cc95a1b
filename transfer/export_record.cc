#include "transfer/export_record.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "transfer/record_json.h"

namespace tidemark::transfer {

std::string to_json(const ExportRecord& record) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(record, json);
  record_json::write(json, "exportTime", record.export_time);
  record_json::write(json, "s3BucketOwner", record.s3_bucket_owner);
  record_json::write(json, "s3Prefix", record.s3_prefix);
  json.member("s3SseAlgorithm", record.s3_sse_algorithm);
  record_json::write(json, "s3SseKmsKeyId", record.s3_sse_kms_key_id);
  json.member("exportFormat", record.export_format);
  json.member("typeRequested", record.type_requested);
  json.member("manifestKey", record.manifest_key);
  json.member("billedSizeBytes", static_cast<std::int64_t>(record.billed_size_bytes));
  json.member("itemCount", static_cast<std::int64_t>(record.item_count));
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
  RETURN_IF_ERROR(read_job_members(*root, &record));
  read(*root, "exportTime", &record.export_time);
  read(*root, "s3BucketOwner", &record.s3_bucket_owner);
  read(*root, "s3Prefix", &record.s3_prefix);
  read(*root, "s3SseAlgorithm", &record.s3_sse_algorithm);
  read(*root, "s3SseKmsKeyId", &record.s3_sse_kms_key_id);
  read(*root, "exportFormat", &record.export_format);
  read(*root, "typeRequested", &record.type_requested);
  read(*root, "manifestKey", &record.manifest_key);
  read_integer(*root, "billedSizeBytes", &record.billed_size_bytes);
  read_integer(*root, "itemCount", &record.item_count);
  return record;
}

}  // namespace tidemark::transfer
