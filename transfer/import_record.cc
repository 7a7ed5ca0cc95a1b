#include "transfer/import_record.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "transfer/record_json.h"

namespace tidemark::transfer {

void set_item_validation_failure(ImportRecord& record) {
  record.status = JobStatus::kFailed;
  record.failure_code = "ItemValidationError";
  record.failure_message =
      "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs "
      "for "
      "more details.";
}

std::string to_json(const ImportRecord& record) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(record, json);
  json.member("tableName", record.table_name);
  json.member("s3BucketOwner", record.s3_bucket_owner);
  record_json::write(json, "s3KeyPrefix", record.s3_key_prefix);
  json.member("inputFormat", record.input_format);
  json.member("gzip", record.compression == InputCompression::kGzip);
  json.member("tableCreationParameters", record.table_creation_parameters);
  json.member("loaded", record.loaded);
  json.member("processedBytes", static_cast<std::int64_t>(record.processed_bytes));
  json.member("processedItems", static_cast<std::int64_t>(record.processed_items));
  json.member("importedItems", static_cast<std::int64_t>(record.imported_items));
  json.member("errors", static_cast<std::int64_t>(record.errors));
  json.end_object();
  return out;
}

Result<ImportRecord> import_record_from_json(std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return fail(Error::corruption("import record is not a JSON object"));
  using record_json::read;
  using record_json::read_integer;
  ImportRecord record;
  RETURN_IF_ERROR(read_job_members(*root, &record));
  read(*root, "tableName", &record.table_name);
  read(*root, "s3BucketOwner", &record.s3_bucket_owner);
  read(*root, "s3KeyPrefix", &record.s3_key_prefix);
  read(*root, "inputFormat", &record.input_format);
  bool gzip = false;
  read(*root, "gzip", &gzip);
  record.compression = gzip ? InputCompression::kGzip : InputCompression::kNone;
  read(*root, "tableCreationParameters", &record.table_creation_parameters);
  read(*root, "loaded", &record.loaded);
  read_integer(*root, "processedBytes", &record.processed_bytes);
  read_integer(*root, "processedItems", &record.processed_items);
  read_integer(*root, "importedItems", &record.imported_items);
  read_integer(*root, "errors", &record.errors);
  return record;
}

}  // namespace tidemark::transfer
