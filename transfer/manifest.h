// The manifest files of an export, byte for byte as the service writes them.
// Source: DynamoDB developer guide, "DynamoDB table export output format".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tidemark::transfer {

struct DataFile {
  std::string key;  // from the bucket root, prefix included
  std::uint64_t item_count = 0;
  std::string md5_base64;  // of the stored, compressed bytes
  std::string etag;        // of the object, without quotes
};

struct ManifestSummary {
  std::string export_arn;
  Timestamp start_time;
  Timestamp end_time;
  std::string table_arn;
  std::string table_id;
  Timestamp export_time;
  std::string s3_bucket;
  std::optional<std::string> s3_prefix;
  std::string s3_sse_algorithm;
  std::optional<std::string> s3_sse_kms_key_id;
  std::string manifest_files_key;
  std::uint64_t billed_size_bytes = 0;
  std::uint64_t item_count = 0;
  std::string output_format;
};

// One JSON object a line, LF behind every line.
std::string manifest_files_json(const std::vector<DataFile>& files);
// manifest-summary.json of a full export: one line without LF; absent members are null.
std::string manifest_summary_json(const ManifestSummary& summary);
// What a `.md5` file holds: base64 of the MD5, 24 bytes, no LF.
std::string md5_file(std::string_view sibling);

// The keys of an export under `[prefix/]AWSDynamoDB/<export id>/`. One slash joins, whether the prefix ends
// in one or not.
struct ExportKeys {
  ExportKeys(const std::optional<std::string>& s3_prefix, std::string_view export_id);

  std::string folder;  // with the slash at its end
  [[nodiscard]] std::string started() const { return folder + "_started"; }
  [[nodiscard]] std::string data_folder() const { return folder + "data/"; }
  [[nodiscard]] std::string manifest_files() const { return folder + "manifest-files.json"; }
  [[nodiscard]] std::string manifest_files_md5() const { return folder + "manifest-files.md5"; }
  [[nodiscard]] std::string manifest_summary() const { return folder + "manifest-summary.json"; }
  [[nodiscard]] std::string manifest_summary_md5() const { return folder + "manifest-summary.md5"; }
};

}  // namespace tidemark::transfer
