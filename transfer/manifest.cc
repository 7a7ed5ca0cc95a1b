#include "transfer/manifest.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/json_writer.h"

namespace tidemark::transfer {
namespace {

void optional_member(JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
  json.key(name);
  if (value) {
    json.string(*value);
  } else {
    json.null();
  }
}

}  // namespace

std::string manifest_files_json(const std::vector<DataFile>& files) {
  std::string out;
  for (const auto& file : files) {
    JsonWriter json(&out);
    json.begin_object();
    json.member("itemCount", static_cast<std::int64_t>(file.item_count));
    json.member("md5Checksum", file.md5_base64);
    json.member("etag", file.etag);
    json.member("dataFileS3Key", file.key);
    json.end_object();
    out += '\n';
  }
  return out;
}

std::string manifest_summary_json(const ManifestSummary& summary) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  json.member("version", "2020-06-30");
  json.member("exportArn", summary.export_arn);
  json.member("startTime", format_iso_millis(summary.start_time));
  json.member("endTime", format_iso_millis(summary.end_time));
  json.member("tableArn", summary.table_arn);
  json.member("tableId", summary.table_id);
  json.member("exportTime", format_iso_millis(summary.export_time));
  json.member("s3Bucket", summary.s3_bucket);
  optional_member(json, "s3Prefix", summary.s3_prefix);
  json.member("s3SseAlgorithm", summary.s3_sse_algorithm);
  optional_member(json, "s3SseKmsKeyId", summary.s3_sse_kms_key_id);
  json.member("manifestFilesS3Key", summary.manifest_files_key);
  json.member("billedSizeBytes", static_cast<std::int64_t>(summary.billed_size_bytes));
  json.member("itemCount", static_cast<std::int64_t>(summary.item_count));
  json.member("outputFormat", summary.output_format);
  json.end_object();
  return out;
}

std::string md5_file(std::string_view sibling) {
  return base64_encode(digest_of(DigestAlgorithm::kMd5, sibling));
}

ExportKeys::ExportKeys(const std::optional<std::string>& s3_prefix, std::string_view export_id) {
  if (s3_prefix && !s3_prefix->empty()) {
    folder = *s3_prefix;
    if (folder.back() != '/') folder += '/';
  }
  folder += "AWSDynamoDB/";
  folder += export_id;
  folder += '/';
}

}  // namespace tidemark::transfer
