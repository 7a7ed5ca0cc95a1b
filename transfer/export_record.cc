#include "transfer/export_record.h"

#include <algorithm>

#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::transfer {

std::uint64_t ExportRecord::billed_size_bytes() const {
  return window ? std::max(totals.bytes, kIncrementBilledBytesMin) : totals.bytes;
}

std::string ExportRecord::to_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(*this, json);
  json.member("s3Bucket", s3_bucket);
  json.member("exportTime", export_time.micros);
  if (window) {
    json.key("window");
    json.begin_object();
    json.member("from", window->from.micros);
    json.member("to", window->to.micros);
    json.member("readFrom", window->read_from.micros);
    json.member("view", window->view);
    json.end_object();
  }
  if (filter) json.member("filter", *filter);
  if (s3_bucket_owner) json.member("s3BucketOwner", *s3_bucket_owner);
  if (s3_prefix) json.member("s3Prefix", *s3_prefix);
  json.member("s3SseAlgorithm", s3_sse_algorithm);
  if (s3_sse_kms_key_id) json.member("s3SseKmsKeyId", *s3_sse_kms_key_id);
  json.member("exportFormat", export_format);
  json.member("typeRequested", type_requested);
  json.member("manifestKey", manifest_key);
  json.end_object();
  return out;
}

Result<ExportRecord> ExportRecord::from_json(std::string_view text) {
  return jobs::record_from_json<ExportRecord>(text, [](const JsonFields& in, ExportRecord* record) {
    in.read("s3Bucket", &record->s3_bucket);
    in.read("exportTime", &record->export_time);
    if (const auto window = in.object("window")) {
      ExportWindow& read = record->window.emplace();
      window->read("from", &read.from);
      window->read("to", &read.to);
      window->read("readFrom", &read.read_from);
      window->read("view", &read.view);
    }
    in.read("filter", &record->filter);
    in.read("s3BucketOwner", &record->s3_bucket_owner);
    in.read("s3Prefix", &record->s3_prefix);
    in.read("s3SseAlgorithm", &record->s3_sse_algorithm);
    in.read("s3SseKmsKeyId", &record->s3_sse_kms_key_id);
    in.read("exportFormat", &record->export_format);
    in.read("typeRequested", &record->type_requested);
    in.read("manifestKey", &record->manifest_key);
  });
}

}  // namespace tidemark::transfer
