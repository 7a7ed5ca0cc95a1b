#include "transfer/import_record.h"

#include <array>

#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::transfer {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kCompressionNames = {"NONE", "GZIP", "ZSTD"};

void write_csv(const CsvSettings& csv, JsonWriter& json) {
  json.key("csv");
  json.begin_object();
  if (csv.delimiter) json.member("delimiter", *csv.delimiter);
  json.key("headerList");
  json.begin_array();
  for (const std::string& name : csv.header_list) json.string(name);
  json.end_array();
  json.end_object();
}

CsvSettings read_csv(const JsonFields& in) {
  CsvSettings csv;
  in.read("delimiter", &csv.delimiter);
  in.for_each("headerList", json::Type::kString,
              [&csv](json::Value name) { csv.header_list.emplace_back(name.string()); });
  return csv;
}

}  // namespace

std::string_view compression_name(InputCompression compression) {
  return kCompressionNames[static_cast<std::size_t>(compression)];
}

std::string ImportRecord::to_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(*this, json);
  json.member("s3Bucket", s3_bucket);
  json.member("tableName", table_name);
  json.member("s3BucketOwner", s3_bucket_owner);
  if (s3_key_prefix) json.member("s3KeyPrefix", *s3_key_prefix);
  json.member("inputFormat", input_format);
  if (csv) write_csv(*csv, json);
  json.member("compression", compression_name(compression));
  json.member("tableCreationParameters", table_creation_parameters);
  json.member("loaded", loaded);
  json.end_object();
  return out;
}

Result<ImportRecord> ImportRecord::from_json(std::string_view text) {
  return jobs::record_from_json<ImportRecord>(text, [](const JsonFields& in, ImportRecord* record) {
    in.read("s3Bucket", &record->s3_bucket);
    in.read("tableName", &record->table_name);
    in.read("s3BucketOwner", &record->s3_bucket_owner);
    in.read("s3KeyPrefix", &record->s3_key_prefix);
    in.read("inputFormat", &record->input_format);
    if (const auto csv = in.object("csv")) record->csv = read_csv(*csv);
    in.read_enum("compression", kCompressionNames, &record->compression);
    in.read("tableCreationParameters", &record->table_creation_parameters);
    in.read("loaded", &record->loaded);
  });
}

}  // namespace tidemark::transfer
