// What a bulk operation reports, one JSON line each: gathered in files beside the data, written to S3 at the
// end.
//
//   {"itemS3Pointer":{"bucket":"src","key":"in/a.json","itemIndex":0},"errorMessages":["…"]}
//   {"itemS3Pointer":{…},"Item":{…},"ExistingItem":{…}}     of a condition that failed
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "transfer/bulk_progress.h"

namespace tidemark::transfer {

enum class ReportKind { kError, kConditionFailure };
inline constexpr std::array kReportKinds{ReportKind::kError, ReportKind::kConditionFailure};
std::string_view report_kind_name(ReportKind kind);  // `CONDITION_CHECK_FAILURE`, as in OutputType

struct RecordPlace {
  std::string_view bucket;
  std::string_view key;
  std::uint64_t index = 0;  // within the object, from zero
};

// The files `<directory>/<id>.<kind>.jsonl`. A line is written before its record is done with, so after a
// crash a file may hold lines of records that will come again: open() drops them. Thread-safety: the add
// functions may be called concurrently. Errors of all: kIo, kNoSpace.
class BulkReport {
 public:
  BulkReport(FileSystem& files, std::string directory, std::string bulk_id)
      : files_(files), directory_(std::move(directory)), bulk_id_(std::move(bulk_id)) {}

  // Begins those that are asked for, or goes on with what an earlier attempt left, up to `progress`.
  Result<void> open(bool with_errors, bool with_condition_failures, const BulkProgress& progress);

  // Nothing where the kind was not asked for.
  Result<void> add_error(const RecordPlace& place, std::string_view message);
  Result<void> add_condition_failure(const RecordPlace& place, std::string_view item,
                                     std::optional<std::string_view> existing_item);

  // The file of the kind, for reading; null when it has no lines.
  [[nodiscard]] Result<std::unique_ptr<File>> read(ReportKind kind) const;
  [[nodiscard]] std::uint64_t lines(ReportKind kind) const;

  // Removes the files, which must not be open.
  Result<void> remove();

 private:
  struct Part {
    std::unique_ptr<File> file;  // null: not asked for
    std::uint64_t lines = 0;
  };

  [[nodiscard]] std::string path_of(ReportKind kind) const;
  Result<void> open_part(ReportKind kind, const BulkProgress& progress);
  Result<void> add(ReportKind kind, std::string line);
  [[nodiscard]] const Part& part(ReportKind kind) const { return parts_[static_cast<std::size_t>(kind)]; }

  FileSystem& files_;
  const std::string directory_;
  const std::string bulk_id_;
  mutable std::mutex mutex_;
  std::array<Part, 2> parts_;  // by kind; guarded by mutex_
};

}  // namespace tidemark::transfer
