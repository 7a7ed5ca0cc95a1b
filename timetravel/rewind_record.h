// What is remembered of a rewind: how far back, and how it ended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_record.h"

namespace tidemark::timetravel {

// Its progress is told in items: those that changed in between.
// ON DISK: members may be added with a default, never renamed.
struct RewindRecord : jobs::JobRecord {
  std::string table_name;
  Timestamp to;                   // the moment that comes back
  Timestamp until;                // what was written up to here is taken back; what came later stays
  std::vector<std::string> keys;  // of the items, as canonical text; empty: all

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<RewindRecord> from_json(std::string_view text);
};

}  // namespace tidemark::timetravel
