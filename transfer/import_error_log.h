// The records that an import refused, one JSON line each, as the service writes them to CloudWatch Logs, with
// the time in a member of its own: `"timestamp":1767225600123}` ends the line.
// Source: DynamoDB developer guide, "Import format quotas and validation".
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace tidemark::transfer {

// The file of an import: `<directory>/<import id>.jsonl`.
std::string import_error_path(const std::string& directory, const std::string& import_id);

struct ImportError {
  Timestamp time;
  // `{"itemS3Pointer":{…},"importArn":"…","errorMessages":["…"]}`, as the service writes it
  std::string message;
};
// What is in such a file, oldest first; a line that is being written is left out. Lines without a time, which
// older versions wrote, get `otherwise`.
Result<std::vector<ImportError>> read_import_errors(FileSystem& files, const std::string& path,
                                                    Timestamp otherwise);

// Writes that file, begun with the first error. What an earlier process left there is removed, but for the
// lines about objects that need not be read again. Thread-safety: add() and sync() may be called
// concurrently.
class ImportErrorLog {
 public:
  static constexpr std::uint64_t kLinesMax = 10'000;  // the rest is only counted

  ImportErrorLog(FileSystem& files, Clock& clock, std::string directory, std::string import_arn,
                 const std::string& import_id, const std::set<std::string>& done_keys = {});

  // Where the refused records are listed; empty when none was.
  [[nodiscard]] std::string path() const;

  // `item_index` counts from zero within the object. A log that cannot be written does not fail the import.
  void add(std::string_view bucket, std::string_view key, std::uint64_t item_index, std::string_view message);
  // What was added survives a power loss.
  void sync();

 private:
  void keep_lines(const std::set<std::string>& done_keys);

  FileSystem& files_;
  Clock& clock_;
  std::string directory_;
  std::string import_arn_;
  std::string path_;
  mutable std::mutex mutex_;
  std::unique_ptr<File> file_;  // guarded by mutex_
  std::uint64_t lines_ = 0;     // guarded by mutex_
};

}  // namespace tidemark::transfer
