#include "transfer/manifest.h"

#include "base/bytes.h"
#include "base/gzip.h"
#include "tests/support/catch.h"
#include "transfer/format/record_writer.h"

namespace tidemark::transfer {
namespace {

// The golden export of two items: lines, files and manifests whose digests are known from outside.
ManifestSummary golden_summary() {
  const auto start = Timestamp::from_millis(1'767'225'600'123);
  return {.export_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/Orders/export/01767225600123-0a1b2c3d",
          .start_time = start,
          .end_time = Timestamp::from_millis(1'767'225'910'456),
          .table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/Orders",
          .table_id = "11111111-2222-3333-4444-555555555555",
          .export_time = start,
          .window = std::nullopt,
          .s3_bucket = "lake",
          .s3_prefix = "nightly",
          .s3_sse_algorithm = "AES256",
          .s3_sse_kms_key_id = std::nullopt,
          .manifest_files_key = "nightly/AWSDynamoDB/01767225600123-0a1b2c3d/manifest-files.json",
          .billed_size_bytes = 0,
          .item_count = 2,
          .output_format = "DYNAMODB_JSON"};
}

TEST_CASE("manifest-files.json has one line for each data file, and its known digest") {
  const std::string folder = "nightly/AWSDynamoDB/01767225600123-0a1b2c3d/data/";
  const std::string text =
      manifest_files_json({{folder + "aaaaaaaaaaaaaaaaaaaaaaaaaa.json.gz", 2,
                            "YuapCQtBoyTzSWxBiTpDFg==", "20414c53e2e01505dab1c716a6464d47-1"},
                           {folder + "bbbbbbbbbbbbbbbbbbbbbbbbbb.json.gz", 0,
                            "FjvgqIxwymKf1RbbqtrZag==", "7deb4078f238dd87d6af0538152c04e9-1"}});
  CHECK(
      text.substr(0, text.find('\n')) ==
      R"({"itemCount":2,"md5Checksum":"YuapCQtBoyTzSWxBiTpDFg==","etag":"20414c53e2e01505dab1c716a6464d47-1",)"
      R"("dataFileS3Key":"nightly/AWSDynamoDB/01767225600123-0a1b2c3d/data/aaaaaaaaaaaaaaaaaaaaaaaaaa.json.gz"})");
  CHECK(text.back() == '\n');
  CHECK(md5_file(text) == "LlZO3hPNei+xcyvf0wfM2w==");
}

TEST_CASE("manifest-summary.json is one line with a known digest") {
  const std::string text = manifest_summary_json(golden_summary());
  CHECK(text.find('\n') == std::string::npos);
  CHECK(md5_file(text) == "/vv6e2RzcDfuGRWB8MiuWw==");
}

TEST_CASE("an absent prefix and key id are null in the summary") {
  auto summary = golden_summary();
  summary.s3_prefix.reset();
  const std::string text = manifest_summary_json(summary);
  CHECK(text.find(R"("s3Prefix":null)") != std::string::npos);
  CHECK(text.find(R"("s3SseKmsKeyId":null)") != std::string::npos);
}

TEST_CASE("the golden data file decompresses to the lines that the writer makes") {
  std::string lines;
  const auto writer = format::dynamodb_json_writer();
  writer->append_item(R"({"pk":{"S":"c#1"},"sk":{"N":"1"},"total":{"N":"12.5"}})", &lines);
  writer->append_item(R"({"pk":{"S":"c#1"},"sk":{"N":"2"},"tags":{"SS":["a","b"]}})", &lines);
  const auto golden = from_hex(
      "1f8b08000000000000ffab56f22c49cd55b2aa562ac80691c14a564ac9ca864ab53a4ac560013fa000985b925f9298031731d2"
      "3355aaadad"
      "e5aa2646bf11587f627a3158055049b452a2928e5292522cc80800d3f8783583000000");
  REQUIRE(golden);
  const auto plain = gzip_decompress(*golden, 1 << 20);
  REQUIRE(plain);
  CHECK(*plain == lines);
}

TEST_CASE("the summary of an increment tells its window and its view") {
  const ManifestSummary summary{
      .export_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/Orders/export/01767226500000-1b2c3d4e",
      .start_time = Timestamp::from_seconds(1'767'226'500),
      .end_time = Timestamp::from_millis(1'767'226'803'622),
      .table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/Orders",
      .table_id = "11111111-2222-3333-4444-555555555555",
      .export_time = {},
      .window = ManifestWindow{Timestamp::from_seconds(1'767'225'600), Timestamp::from_seconds(1'767'226'500),
                               "NEW_AND_OLD_IMAGES"},
      .s3_bucket = "lake",
      .s3_prefix = {},
      .s3_sse_algorithm = "AES256",
      .s3_sse_kms_key_id = {},
      .manifest_files_key = "AWSDynamoDB/01767226500000-1b2c3d4e/manifest-files.json",
      .billed_size_bytes = 10'000'000,
      .item_count = 3,
      .output_format = "DYNAMODB_JSON"};
  CHECK(
      manifest_summary_json(summary) ==
      R"({"version":"2023-08-01","exportArn":"arn:aws:dynamodb:us-east-1:000000000000:table/Orders/export/)"
      R"(01767226500000-1b2c3d4e","startTime":"2026-01-01T00:15:00.000Z","endTime":"2026-01-01T00:20:03.622Z",)"
      R"("tableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/Orders","tableId":)"
      R"("11111111-2222-3333-4444-555555555555","exportFromTime":"2026-01-01T00:00:00.000Z",)"
      R"("exportToTime":"2026-01-01T00:15:00.000Z","s3Bucket":"lake","s3Prefix":null,"s3SseAlgorithm":"AES256",)"
      R"("s3SseKmsKeyId":null,"manifestFilesS3Key":"AWSDynamoDB/01767226500000-1b2c3d4e/manifest-files.json",)"
      R"("billedSizeBytes":10000000,"itemCount":3,"outputFormat":"DYNAMODB_JSON","outputView":)"
      R"("NEW_AND_OLD_IMAGES","exportType":"INCREMENTAL_EXPORT"})");
}

TEST_CASE("data files have names that say nothing and come out the same each time") {
  const ExportKeys own({}, "id", ExportKeys::Data::kOfItsOwn);
  const ExportKeys shared("p", "id", ExportKeys::Data::kShared);
  const std::string name = own.data_file(0, 0, ".json.gz");
  CHECK(name.starts_with("AWSDynamoDB/id/data/"));
  CHECK(name.size() == std::string("AWSDynamoDB/id/data/").size() + 26 + std::string(".json.gz").size());
  CHECK(name == own.data_file(0, 0, ".json.gz"));
  CHECK(name != own.data_file(0, 1, ".json.gz"));
  CHECK(name != own.data_file(1, 0, ".json.gz"));
  CHECK(shared.data_file(0, 0, ".ion.gz") == "p/AWSDynamoDB/data/" + name.substr(20, 26) + ".ion.gz");
  CHECK(shared.folder() == "p/AWSDynamoDB/id/");
  CHECK(ExportKeys({}, "id2", ExportKeys::Data::kShared).data_file(0, 0, "").substr(17) !=
        name.substr(20, 26));
}

TEST_CASE("keys of an export join the prefix with one slash") {
  struct Case {
    std::optional<std::string> prefix;
    std::string folder;
  };
  const auto c = GENERATE(values<Case>({{std::nullopt, "AWSDynamoDB/id/"},
                                        {"", "AWSDynamoDB/id/"},
                                        {"foo", "foo/AWSDynamoDB/id/"},
                                        {"foo/", "foo/AWSDynamoDB/id/"},
                                        {"/foo", "/foo/AWSDynamoDB/id/"}}));
  const ExportKeys keys(c.prefix, "id", ExportKeys::Data::kOfItsOwn);
  CHECK(keys.folder() == c.folder);
  CHECK(keys.started() == c.folder + "_started");
  CHECK(keys.manifest_files_md5() == c.folder + "manifest-files.md5");
}

}  // namespace
}  // namespace tidemark::transfer
