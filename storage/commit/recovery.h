// Start-up: brings RocksDB, the counters and the unsealed history up to the end of the change log.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "storage/commit/checkpoint.h"
#include "storage/history/history.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

// `checkpoint` is moved on to the end of the log. Replaying twice changes nothing: RocksDB may be ahead of
// the checkpoint. Returns how many bytes were replayed. Errors: kCorruption, naming file and offset; kIo.
Result<std::uint64_t> recover(const std::string& log_directory, FileSystem& files, RocksStore& store,
                              History& history, Checkpoint* checkpoint);

}  // namespace tidemark::storage
