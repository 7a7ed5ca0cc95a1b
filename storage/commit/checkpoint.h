// CHECKPOINT: up to which record of the log RocksDB surely holds everything, and the counters as of then.
//
// ON DISK, a checked file (base/checked_file.h) of JSON:
//   {"format":2,"sequence":42,"replay_after":40,"last_commit_time_us":1767225600000000,
//    "counters":[[id,items,bytes],...]}
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"
#include "storage/commit/committer.h"

namespace tidemark::storage {

struct Checkpoint {
  CommitPoint last;
  // A restart reads the log from behind this record: behind `last`, or earlier when history before it is not
  // sealed. Earlier segments may be gone.
  wal::SequenceNumber replay_after{};
  Counters counters;
};

// An empty one when there is no file. Errors: kCorruption, kIo.
Result<Checkpoint> read_checkpoint(const std::string& path, FileSystem& files);
// Safe from a power loss when it returns.
Result<void> write_checkpoint(const std::string& path, FileSystem& files, const Checkpoint& checkpoint);

}  // namespace tidemark::storage
