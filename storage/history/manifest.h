// The list of sealed runs on disk.
//
// ON DISK: `MANIFEST`, a checked file (base/checked_file.h) of JSON:
//   {"format":4,"next_file":7,"sealed_through":123,
//    "runs":[{"file":"000003.sst","first_us":…,"last_us":…,"first_table":1,"last_table":4,"records":10,
//             "bytes":2000,"consolidated":false,"origins":true,
//             "tables":[[table,records,bytes,last_us],…],"sparse":[[table,sparse_before_us],…]}],
//    "lost":[[table,through_us],…]}
//
// `tables` may be missing, and `sparse`: former versions wrote none, and do not read the latter. Format 3 is
// the same without `origins`, which its runs do not have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/history/need.h"
#include "storage/history/sealed_run.h"
#include "wal/record.h"

namespace tidemark::storage {

inline constexpr char kHistoryManifestName[] = "MANIFEST";

struct HistoryManifest {
  // File numbers are never used again.
  std::uint64_t next_file = 1;
  // Records of the log at or below it are not taken again at replay.
  wal::SequenceNumber sealed_through{};
  std::vector<HistoryRunInfo> runs;
  HistoryLosses losses;
  bool operator==(const HistoryManifest&) const = default;
};

std::string to_json(const HistoryManifest& manifest);
// Errors: kCorruption.
Result<HistoryManifest> history_manifest_from_json(std::string_view text);

}  // namespace tidemark::storage
