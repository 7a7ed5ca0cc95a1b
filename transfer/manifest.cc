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
  json.member("version", summary.window ? "2023-08-01" : "2020-06-30");
  json.member("exportArn", summary.export_arn);
  json.member("startTime", format_iso_millis(summary.start_time));
  json.member("endTime", format_iso_millis(summary.end_time));
  json.member("tableArn", summary.table_arn);
  json.member("tableId", summary.table_id);
  if (summary.window) {
    json.member("exportFromTime", format_iso_millis(summary.window->from));
    json.member("exportToTime", format_iso_millis(summary.window->to));
  } else {
    json.member("exportTime", format_iso_millis(summary.export_time));
  }
  json.member("s3Bucket", summary.s3_bucket);
  optional_member(json, "s3Prefix", summary.s3_prefix);
  json.member("s3SseAlgorithm", summary.s3_sse_algorithm);
  optional_member(json, "s3SseKmsKeyId", summary.s3_sse_kms_key_id);
  json.member("manifestFilesS3Key", summary.manifest_files_key);
  json.member("billedSizeBytes", static_cast<std::int64_t>(summary.billed_size_bytes));
  json.member("itemCount", static_cast<std::int64_t>(summary.item_count));
  json.member("outputFormat", summary.output_format);
  if (summary.window) {
    json.member("outputView", summary.window->view);
    json.member("exportType", "INCREMENTAL_EXPORT");
  }
  json.end_object();
  return out;
}

std::string md5_file(std::string_view sibling) {
  return base64_encode(digest_of(DigestAlgorithm::kMd5, sibling));
}

ExportKeys::ExportKeys(const std::optional<std::string>& s3_prefix, std::string_view export_id, Data data)
    : export_id_(export_id) {
  std::string root;
  if (s3_prefix && !s3_prefix->empty()) {
    root = *s3_prefix;
    if (root.back() != '/') root += '/';
  }
  root += "AWSDynamoDB/";
  folder_ = root + export_id_ + '/';
  data_folder_ = (data == Data::kShared ? root : folder_) + "data/";
}

std::string ExportKeys::data_file(std::size_t position, std::size_t number, std::string_view suffix) const {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr unsigned kBitsPerCharacter = 5;
  const std::string named = export_id_ + '/' + std::to_string(position) + '/' + std::to_string(number);
  std::string key = data_folder_;
  // 16 bytes are 26 characters, the last of which has bits to spare.
  unsigned bits = 0;
  unsigned bit_count = 0;
  const auto append_bits = [&] {
    key += kAlphabet[(bits >> (bit_count - kBitsPerCharacter)) & 31U];
    bit_count -= kBitsPerCharacter;
  };
  for (const unsigned char byte : md5_of(named)) {
    bits = (bits << 8 | byte) & 0xfffU;
    bit_count += 8;
    while (bit_count >= kBitsPerCharacter) append_bits();
  }
  bits <<= kBitsPerCharacter - bit_count;
  bit_count = kBitsPerCharacter;
  append_bits();
  key += suffix;
  return key;
}

}  // namespace tidemark::transfer
