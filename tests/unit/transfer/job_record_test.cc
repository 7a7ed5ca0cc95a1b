#include "tests/support/catch.h"
#include "transfer/export_record.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {
namespace {

void fill_common(JobRecord& record) {
  record.arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T/export/01767225600123-0a1b2c3d";
  record.id = "01767225600123-0a1b2c3d";
  record.status = JobStatus::kFailed;
  record.account_id = "000000000000";
  record.region = "us-east-1";
  record.table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/T";
  record.table_uuid = "11111111-2222-4333-8444-555555555555";
  record.table_id = 7;
  record.start_time = Timestamp::from_millis(1'767'225'600'123);
  record.client_token = "token \"quoted\"";
  record.s3_bucket = "lake";
  record.end_time = Timestamp{1'767'225'600'999'999};
  record.failure_code = "S3NoSuchBucket";
  record.failure_message = "The specified bucket does not exist";
}

TEST_CASE("an export record reads back as it was written") {
  ExportRecord record;
  fill_common(record);
  record.export_time = Timestamp{1'767'225'500'000'001};
  record.s3_bucket_owner = "123456789012";
  record.s3_prefix = "a/b";
  record.s3_sse_algorithm = "KMS";
  record.s3_sse_kms_key_id = "key";
  record.type_requested = true;
  record.manifest_key = "a/b/AWSDynamoDB/x/manifest-summary.json";
  record.billed_size_bytes = 1ULL << 40;
  record.item_count = 42;
  const auto read = export_record_from_json(to_json(record));
  REQUIRE(read);
  CHECK(to_json(*read) == to_json(record));
  CHECK(read->status == JobStatus::kFailed);
  CHECK(read->export_time == record.export_time);
  CHECK(read->s3_prefix == record.s3_prefix);
  CHECK(read->end_time == record.end_time);
}

TEST_CASE("what was not sent is still absent when an export record is read back") {
  ExportRecord record;
  fill_common(record);
  const auto read = export_record_from_json(to_json(record));
  REQUIRE(read);
  CHECK(!read->s3_prefix);
  CHECK(!read->s3_bucket_owner);
  CHECK(!read->s3_sse_kms_key_id);
  CHECK(!read->type_requested);
}

TEST_CASE("an import record reads back as it was written") {
  ImportRecord record;
  fill_common(record);
  record.table_name = "T";
  record.s3_bucket_owner = "123456789012";
  record.s3_key_prefix = "";
  record.compression = InputCompression::kGzip;
  record.table_creation_parameters = R"({"TableName":"T"})";
  record.loaded = true;
  record.processed_bytes = 1;
  record.processed_items = 2;
  record.imported_items = 3;
  record.errors = 4;
  const auto read = import_record_from_json(to_json(record));
  REQUIRE(read);
  CHECK(to_json(*read) == to_json(record));
  CHECK(read->compression == InputCompression::kGzip);
  CHECK(read->s3_key_prefix == "");
  CHECK(read->errors == 4);
}

TEST_CASE("a record that is damaged is refused") {
  CHECK(!export_record_from_json("").has_value());
  CHECK(!export_record_from_json("[]").has_value());
  CHECK(!export_record_from_json(R"({"status":"SOMETHING"})").has_value());
  CHECK(!import_record_from_json("{}").has_value());
}

}  // namespace
}  // namespace tidemark::transfer
