// Drops what nobody needs any more from the front of the log.
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"

namespace tidemark::wal {

// Unlinks every segment whose records are all at or below `needed_after`; the newest segment always stays.
// Returns how many. Whoever holds such a file open keeps reading it.
Result<int> drop_segments(const std::string& directory, FileSystem& files, SequenceNumber needed_after);

}  // namespace tidemark::wal
