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
  json.member("arn", record.arn);
  json.member("id", record.id);
  json.member("status", job_status_name(record.status));
  json.member("accountId", record.account_id);
  json.member("region", record.region);
  json.member("tableName", record.table_name);
  json.member("tableArn", record.table_arn);
  json.member("tableUuid", record.table_uuid);
  json.member("tableId", static_cast<std::int64_t>(record.table_id));
  record_json::write(json, "startTime", record.start_time);
  json.member("clientToken", record.client_token);
  json.member("s3Bucket", record.s3_bucket);
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
  record_json::write(json, "endTime", record.end_time);
  json.member("failureCode", record.failure_code);
  json.member("failureMessage", record.failure_message);
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
  read(*root, "arn", &record.arn);
  read(*root, "id", &record.id);
  std::string status;
  read(*root, "status", &status);
  const auto parsed_status = parse_job_status(status);
  if (!parsed_status) return fail(Error::corruption("import record " + record.arn + " has no known status"));
  record.status = *parsed_status;
  read(*root, "accountId", &record.account_id);
  read(*root, "region", &record.region);
  read(*root, "tableName", &record.table_name);
  read(*root, "tableArn", &record.table_arn);
  read(*root, "tableUuid", &record.table_uuid);
  read_integer(*root, "tableId", &record.table_id);
  read(*root, "startTime", &record.start_time);
  read(*root, "clientToken", &record.client_token);
  read(*root, "s3Bucket", &record.s3_bucket);
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
  read(*root, "endTime", &record.end_time);
  read(*root, "failureCode", &record.failure_code);
  read(*root, "failureMessage", &record.failure_message);
  return record;
}

}  // namespace tidemark::transfer
