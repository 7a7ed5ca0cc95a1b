#include "api/imports/import_description.h"

#include <string>

#include "model/table_schema.h"

namespace tidemark::api {
namespace {

void render_source(const transfer::ImportRecord& record, JsonWriter& json) {
  json.key("S3BucketSource");
  json.begin_object();
  json.member("S3BucketOwner", record.s3_bucket_owner);
  json.member("S3Bucket", record.s3_bucket);
  if (record.s3_key_prefix) json.member("S3KeyPrefix", *record.s3_key_prefix);
  json.end_object();
}

void render_csv(const transfer::CsvSettings& csv, JsonWriter& json) {
  json.key("InputFormatOptions");
  json.begin_object();
  json.key("Csv");
  json.begin_object();
  if (csv.delimiter) json.member("Delimiter", *csv.delimiter);
  if (!csv.header_list.empty()) {
    json.key("HeaderList");
    json.begin_array();
    for (const std::string& name : csv.header_list) json.string(name);
    json.end_array();
  }
  json.end_object();
  json.end_object();
}

// What the summary and the description share.
void render_common(const transfer::ImportRecord& record, JsonWriter& json) {
  json.member("ImportArn", record.arn);
  json.member("ImportStatus", job_status_name(record.status));
  json.member("TableArn", record.table_arn);
  render_source(record, json);
  json.member("CloudWatchLogGroupArn", "arn:aws:logs:" + std::string(model::arn_region(record.region)) + ":" +
                                           record.account_id + ":log-group:/aws-dynamodb/imports:*");
  json.member("InputFormat", record.input_format);
  json.member("StartTime", record.start_time);
  if (is_ended(record.status)) json.member("EndTime", record.end_time);
}

}  // namespace

void render_import_description(const transfer::ImportRecord& record, JsonWriter& json) {
  const bool ended = is_ended(record.status);
  json.key("ImportTableDescription");
  json.begin_object();
  render_common(record, json);
  json.member("TableId", record.table_uuid);
  json.member("ClientToken", record.client_token);
  json.member("ErrorCount", ended ? static_cast<std::int64_t>(record.totals.errors) : 0);
  if (record.csv) render_csv(*record.csv, json);
  json.member("InputCompressionType", compression_name(record.compression));
  json.key("TableCreationParameters");
  json.raw(record.table_creation_parameters);
  const bool has_read = ended && record.totals.bytes > 0;
  if (has_read) json.member("ProcessedSizeBytes", static_cast<std::int64_t>(record.totals.bytes));
  json.member("ProcessedItemCount", ended ? static_cast<std::int64_t>(record.totals.items) : 0);
  json.member("ImportedItemCount", ended ? static_cast<std::int64_t>(record.imported_items()) : 0);
  if (!record.failure_code.empty()) {
    json.member("FailureCode", record.failure_code);
    json.member("FailureMessage", record.failure_message);
  }
  json.end_object();
}

void render_import_summary(const transfer::ImportRecord& record, JsonWriter& json) {
  json.begin_object();
  render_common(record, json);
  json.end_object();
}

}  // namespace tidemark::api
