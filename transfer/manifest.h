// The manifest files of an export, byte for byte as the service writes them.
// Source: DynamoDB developer guide, "DynamoDB table export output format".
#pragma once

#include <cstddef>
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

struct ManifestWindow {
  Timestamp from;
  Timestamp to;
  std::string view;
};

struct ManifestSummary {
  std::string export_arn;
  Timestamp start_time;
  Timestamp end_time;
  std::string table_arn;
  std::string table_id;
  Timestamp export_time;                 // of a full export
  std::optional<ManifestWindow> window;  // of an incremental one
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
// manifest-summary.json: one line without LF; absent members are null.
std::string manifest_summary_json(const ManifestSummary& summary);
// What a `.md5` file holds: base64 of the MD5, 24 bytes, no LF.
std::string md5_file(std::string_view sibling);

// The keys of an export under `[prefix/]AWSDynamoDB/<export id>/`. One slash joins, whether the prefix ends
// in one or not. The data of incremental exports lies in one folder for all of them.
class ExportKeys {
 public:
  enum class Data { kOfItsOwn, kShared };

  ExportKeys(const std::optional<std::string>& s3_prefix, std::string_view export_id, Data data);

  // With the slash at its end.
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string started() const { return folder_ + "_started"; }
  [[nodiscard]] const std::string& data_folder() const { return data_folder_; }
  // File `number` of the partition at `position`. The name says nothing to a reader, but is the same whenever
  // it is asked for, so that what an attempt wrote is found again.
  [[nodiscard]] std::string data_file(std::size_t position, std::size_t number,
                                      std::string_view suffix) const;
  [[nodiscard]] std::string manifest_files() const { return folder_ + "manifest-files.json"; }
  [[nodiscard]] std::string manifest_files_md5() const { return folder_ + "manifest-files.md5"; }
  [[nodiscard]] std::string manifest_summary() const { return folder_ + "manifest-summary.json"; }
  [[nodiscard]] std::string manifest_summary_md5() const { return folder_ + "manifest-summary.md5"; }

 private:
  const std::string export_id_;
  std::string folder_;
  std::string data_folder_;
};

}  // namespace tidemark::transfer
