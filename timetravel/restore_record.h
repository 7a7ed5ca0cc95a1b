// What is remembered of a restore: from what to what, and how it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_record.h"

namespace tidemark::timetravel {

// The table of the job is the new one. Its progress is told in items and in their bytes.
// ON DISK: members may be added with a default, never renamed.
struct RestoreRecord : jobs::JobRecord {
  std::string table_name;
  std::uint32_t source_table_id = 0;  // storage::TableId; the table may be retired
  std::string source_table_arn;
  std::optional<std::string> backup_arn;  // nothing: from the table's history
  Timestamp restore_time;                 // as it is shown
  Timestamp moment;                       // that is read, and held

  // Every item is copied and the totals are final: only the table's activation may be missing.
  bool loaded = false;

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<RestoreRecord> from_json(std::string_view text);
};

}  // namespace tidemark::timetravel
