#include "tests/support/catch.h"
#include "transfer/export_record.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {
namespace {

void fill_common(jobs::JobRecord* record) {
  record->arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T/export/01767225600123-0a1b2c3d";
  record->id = "01767225600123-0a1b2c3d";
  record->status = jobs::JobStatus::kFailed;
  record->end_time = Timestamp{1'767'225'600'999'999};
  record->totals = {.items = 42, .bytes = 1ULL << 40, .files = 4, .errors = 2};
}

TEST_CASE("an export record reads back as it was written") {
  ExportRecord record;
  fill_common(&record);
  record.export_time = Timestamp{1'767'225'500'000'001};
  record.s3_bucket_owner = "123456789012";
  record.s3_prefix = "a/b";
  record.s3_sse_algorithm = "KMS";
  record.s3_sse_kms_key_id = "key";
  record.type_requested = true;
  record.manifest_key = "a/b/AWSDynamoDB/x/manifest-summary.json";
  record.s3_bucket = "lake";
  const auto read = ExportRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->to_json() == record.to_json());
  // What a job adds to the members of all jobs, as it is on disk.
  CHECK(read->to_json().ends_with(
      R"("errorLog":"","s3Bucket":"lake","exportTime":1767225500000001,"s3BucketOwner":"123456789012",)"
      R"("s3Prefix":"a/b","s3SseAlgorithm":"KMS","s3SseKmsKeyId":"key","exportFormat":"DYNAMODB_JSON",)"
      R"("typeRequested":true,"manifestKey":"a/b/AWSDynamoDB/x/manifest-summary.json"})"));
  CHECK(read->status == jobs::JobStatus::kFailed);
  CHECK(read->export_time == record.export_time);
  CHECK(read->s3_prefix == record.s3_prefix);
  CHECK(read->s3_bucket == "lake");
  CHECK(read->end_time == record.end_time);
  CHECK(read->totals == record.totals);
}

TEST_CASE("the record of an incremental export keeps its window and its filter") {
  ExportRecord record;
  fill_common(&record);
  CHECK(record.type_name() == "FULL_EXPORT");
  CHECK(record.billed_size_bytes() == record.totals.bytes);
  record.window = {.from = Timestamp::from_seconds(1'767'225'600),
                   .to = Timestamp::from_seconds(1'767'226'500),
                   .read_from = Timestamp{1'767'225'600'500'000},
                   .view = "NEW_IMAGE"};
  record.filter = R"({"ProjectionExpression":"pk"})";
  const auto read = ExportRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->window == record.window);
  CHECK(read->filter == record.filter);
  CHECK(read->to_json() == record.to_json());
  CHECK(read->type_name() == "INCREMENTAL_EXPORT");
  CHECK(read->billed_size_bytes() == record.totals.bytes);
  record.totals.bytes = 5;
  CHECK(record.billed_size_bytes() == 10'000'000);
}

TEST_CASE("what was not sent is still absent when an export record is read back") {
  ExportRecord record;
  fill_common(&record);
  const auto read = ExportRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(!read->s3_prefix);
  CHECK(!read->s3_bucket_owner);
  CHECK(!read->s3_sse_kms_key_id);
  CHECK(!read->type_requested);
}

TEST_CASE("an import record reads back as it was written") {
  ImportRecord record;
  fill_common(&record);
  record.table_name = "T";
  record.s3_bucket_owner = "123456789012";
  record.s3_key_prefix = "";
  record.compression = InputCompression::kGzip;
  record.table_creation_parameters = R"({"TableName":"T"})";
  record.loaded = true;
  record.s3_bucket = "lake";
  const auto read = ImportRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->to_json() == record.to_json());
  CHECK(read->to_json().ends_with(
      R"("errorLog":"","s3Bucket":"lake","tableName":"T","s3BucketOwner":"123456789012","s3KeyPrefix":"",)"
      R"("inputFormat":"DYNAMODB_JSON","compression":"GZIP","tableCreationParameters":"{\"TableName\":\"T\"}",)"
      R"("loaded":true})"));
  CHECK(read->csv == std::nullopt);
  CHECK(read->compression == InputCompression::kGzip);
  CHECK(read->s3_key_prefix == "");
  CHECK(read->imported_items() == 40);
}

TEST_CASE("an import of CSV files remembers how they are to be read") {
  ImportRecord record;
  fill_common(&record);
  record.input_format = "CSV";
  record.compression = InputCompression::kZstd;
  record.csv = CsvSettings{.delimiter = ";", .header_list = {"pk", "a b"}};
  const auto read = ImportRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->csv == record.csv);
  CHECK(read->compression == InputCompression::kZstd);
  CHECK(
      record.to_json().find(
          R"("inputFormat":"CSV","csv":{"delimiter":";","headerList":["pk","a b"]},"compression":"ZSTD")") !=
      std::string::npos);
  record.csv = CsvSettings{};
  CHECK(ImportRecord::from_json(record.to_json())->csv == CsvSettings{});
}

TEST_CASE("a record that is damaged is refused") {
  CHECK(ExportRecord::from_json(R"({"id":"1","arn":"a/1"})"));
  CHECK(!ExportRecord::from_json(R"({"id":"1","arn":"a/1","s3Bucket":5})"));
  CHECK(!ImportRecord::from_json(R"({"id":"1","arn":"a/1","compression":"LZ4"})"));
}

}  // namespace
}  // namespace tidemark::transfer
