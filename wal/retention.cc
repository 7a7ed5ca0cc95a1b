#include "wal/retention.h"

#include "wal/segment_format.h"

namespace tidemark::wal {

Result<int> drop_segments(const std::string& directory, FileSystem& files, SequenceNumber needed_after) {
  ASSIGN_OR_RETURN(const auto segments, list_segments(directory, files));
  int dropped = 0;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    // Its last record is the one before the next segment's first.
    if (static_cast<std::uint64_t>(segments[i + 1]) - 1 > static_cast<std::uint64_t>(needed_after)) break;
    RETURN_IF_ERROR(files.remove(directory + '/' + segment_name(segments[i])));
    ++dropped;
  }
  return dropped;
}

}  // namespace tidemark::wal
