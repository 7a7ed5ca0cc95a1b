// The records that an import refused, one JSON line each, as the service writes them to CloudWatch Logs.
// Source: DynamoDB developer guide, "Import format quotas and validation".
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/file.h"

namespace tidemark::transfer {

// The file of an import: `<directory>/<import id>.jsonl`.
std::string import_error_path(const std::string& directory, const std::string& import_id);

// Writes that file, begun with the first error. What an attempt of the same import left there
// is removed. Thread-safety: add() may be called concurrently.
class ImportErrorLog {
 public:
  static constexpr std::uint64_t kLinesMax = 10'000;  // the rest is only counted

  ImportErrorLog(FileSystem& files, std::string directory, std::string import_arn,
                 const std::string& import_id);

  // Where the refused records are listed; empty when none was.
  [[nodiscard]] std::string path() const;

  // `item_index` counts from zero within the object. A log that cannot be written does not fail the import.
  void add(std::string_view bucket, std::string_view key, std::uint64_t item_index, std::string_view message);

 private:
  FileSystem& files_;
  std::string directory_;
  std::string import_arn_;
  std::string path_;
  mutable std::mutex mutex_;
  std::unique_ptr<File> file_;  // guarded by mutex_
  std::uint64_t lines_ = 0;     // guarded by mutex_
};

}  // namespace tidemark::transfer
